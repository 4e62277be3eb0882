// Makes the package's files of those in package/ and of the binary, which is in the folder already.
// `cargo xtask pack` runs it: node build.mjs FOLDER FAMILY..

import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";

import { build } from "esbuild";

const [folder, ...families] = process.argv.slice(2);
const sources = fileURLToPath(new URL("package/", import.meta.url));

/** `source` without what belongs to families that aren't built in: from `//#if FAMILY` to `//#endif`. */
function withFamilies(source) {
  const block = /^ *\/\/#if (\w+)\n([^]*?)^ *\/\/#endif\n/gm;
  return source.replace(block, (_, family, content) => (families.includes(family) ? content : ""));
}

const read = (name) => withFamilies(readFileSync(join(sources, name), "utf8"));

const onlyFamilies = {
  name: "families",
  setup({ onLoad }) {
    onLoad({ filter: /[/\\](secret|remote)\.js$/ }, ({ path }) => ({ contents: read(basename(path)), loader: "js" }));
  },
};

const binary = readFileSync(join(folder, "strongroom.wasm"));

/** What each entry gives. */
const EXPORTS = {
  "index.js": ["Secret", "SecretError"],
  "init.js": ["Secret", "SecretError", "init"],
  "workerd.js": ["Secret", "SecretError"],
  "worker.js": ["Secret", "SecretError", "init", "terminate"],
  "worker-node.js": ["Secret", "SecretError", "init", "terminate"],
};

/** Where the script of the worker is, and what starts it in Node. */
const SCRIPT = 'const script = new URL("./thread.js", import.meta.url);\n';
const NODE_SCRIPT = 'import { Worker as Thread } from "node:worker_threads";\n' + SCRIPT;
const NODE_SCRIPT_IN_COMMON_JS = `const { Worker: Thread } = require("node:worker_threads");
const script = new URL("./thread.js", require("node:url").pathToFileURL(__filename));
`;

/**
 * The code of a class, in a method of which the bundle is. Whoever gets hold of a function that isn't in
 * strict mode (V8's call sites give it, and so does `caller`) calls it as he likes. Modules are in strict mode,
 * but bundlers make scripts of them and drop directives; the code of a class stays in strict mode.
 */
const inClass = (bundled) => `class Package {\n  static contents() {\n${bundled}return contents;\n  }\n}\n`;

async function bundled(entry) {
  const { outputFiles } = await build({
    entryPoints: [join(sources, entry)],
    write: false,
    bundle: true,
    format: "iife",
    globalName: "contents",
    target: "es2022",
    define: {
      BINARY: JSON.stringify(deflateRawSync(binary, { level: 9 }).toString("base64")),
      BINARY_LENGTH: String(binary.length),
    },
    plugins: [onlyFamilies],
    logLevel: "warning",
  });
  return inClass(outputFiles[0].text);
}

async function module(entry, before = "") {
  const names = EXPORTS[entry].join(", ");
  const end = `const { ${names} } = Package.contents();\nexport { ${names} };\n`;
  writeFileSync(join(folder, entry), before + (await bundled(entry)) + end);
}

async function commonJs(entry, outfile, before = "") {
  // What is never executed tells Node the names, for those who import it.
  const end = `module.exports = Package.contents();\n0 && (module.exports = { ${EXPORTS[entry].join(", ")} });\n`;
  writeFileSync(join(folder, outfile), `"use strict";\n${before}${await bundled(entry)}${end}`);
}

await Promise.all([
  module("index.js"),
  commonJs("index.js", "index.cjs"),
  module("init.js"),
  commonJs("init.js", "init.cjs"),
  module("workerd.js", 'import compiled from "./strongroom.wasm";\n'),
  module("worker.js", SCRIPT),
  module("worker-node.js", NODE_SCRIPT),
  commonJs("worker-node.js", "worker-node.cjs", NODE_SCRIPT_IN_COMMON_JS),
  bundled("thread.js").then((code) => writeFileSync(join(folder, "thread.js"), `${code}Package.contents();\n`)),
]);

/** The types of `strongroom/worker`, made of those of the class that it has there. */
function asynchronous(types) {
  const members = types
    .replace("bytes that live in WebAssembly memory, and", "bytes that live in the memory of another thread, and")
    .replace(
      "/** A secret with the given bytes, which are overwritten with zeros. */",
      "/** A secret with the given bytes, which move there: they are zeros here at once, even if it fails there. */",
    )
    .replace(/^ {2}\/\*\* What `close` does. \*\/\n.*\n\n/m, "")
    .replace("(callback: (bytes: Uint8Array) => T): T;", "(callback: (bytes: Uint8Array) => T): Promise<Awaited<T>>;")
    .replace(/\): (Secret|Uint8Array|boolean|number|void);/g, "): Promise<$1>;")
    .replace(/readonly (isClosed|byteLength): (\w+);/g, "readonly $1: Promise<$2>;")
    .replace(
      /static fromBytes.*\n/,
      `$&
  /** The secret behind a port of {@link toPort}. */
  static fromPort(port: Port): Secret;
`,
    )
    .replace(
      /^ {2}close\(.*\n/m,
      `$&
  /**
   * A handle on this secret as a port, which \`postMessage\` transfers to another page, frame or worker. There,
   * \`Secret.fromPort\` makes a secret of it, the same one: who closes or replaces either does so for both.
   */
  toPort(): Promise<Port>;
`,
    )
    .replace("It blocks its thread for as long as `cost` says, so a page calls\n   * it in a worker.", "It takes as long as `cost` says, and other calls wait\n   * for it.");
  return members + read("worker.d.ts");
}

const typesOf = {
  index: read("index.d.ts"),
  init: read("init.d.ts"),
  worker: asynchronous(read("index.d.ts")),
};
for (const [name, types] of Object.entries(typesOf)) {
  // One for modules and one for CommonJS, or TypeScript takes either for the other.
  writeFileSync(join(folder, `${name}.d.ts`), types);
  writeFileSync(join(folder, `${name}.d.cts`), types.replace('"./index.js"', '"./index.cjs"'));
}
for (const name of ["README.md", "package.json"]) cpSync(join(sources, name), join(folder, name));
// Its decompressor is in the bundles.
cpSync(fileURLToPath(new URL("node_modules/fflate/LICENSE", import.meta.url)), join(folder, "LICENSE-fflate"));
