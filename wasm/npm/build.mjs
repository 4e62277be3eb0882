// Makes the package's files of those in package/ and of the binaries, which are in the folder already:
// strongroom.wasm with all families, and one for each that is also to be had alone.
// `cargo xtask pack` runs it: node build.mjs FOLDER FAMILY..

import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";

import { build } from "esbuild";

const [folder, ...families] = process.argv.slice(2);
const sources = fileURLToPath(new URL("package/", import.meta.url));

/** Families that have an entry and a binary of their own. */
const alone = families.filter((family) => existsSync(join(folder, `${family}.wasm`)));

/** `source` without what belongs to none of the `chosen`: from `//#if FAMILY..` to `//#endif`. */
function withFamilies(source, chosen) {
  const block = /^ *\/\/#if ([\w ]+)\n([^]*?)^ *\/\/#endif\n/gm;
  const isChosen = (names) => names.split(" ").some((name) => chosen.includes(name));
  return source.replace(block, (_, names, content) => (isChosen(names) ? content : ""));
}

const read = (name, chosen = families) => withFamilies(readFileSync(join(sources, name), "utf8"), chosen);

const write = (name, content) => writeFileSync(join(folder, name), content);

const onlyFamilies = (chosen) => ({
  name: "families",
  setup({ onLoad }) {
    const load = ({ path }) => ({ contents: read(basename(path), chosen), loader: "js" });
    onLoad({ filter: /[/\\](secret|remote)\.js$/ }, load);
  },
});

/** Where the script of the worker is, as a string, which asks nothing of `URL.prototype`, and what starts it in Node. */
const SCRIPT = 'const script = new URL("./thread.js", import.meta.url).href;\n';
const NODE_SCRIPT = 'import { Worker as Thread } from "node:worker_threads";\n' + SCRIPT;
const NODE_SCRIPT_IN_COMMON_JS = `const { Worker: Thread } = require("node:worker_threads");
const script = new URL("./thread.js", require("node:url").pathToFileURL(__filename)).href;
`;

/**
 * The code of a class, in a method of which the bundle is. Whoever gets hold of a function that isn't in
 * strict mode (V8's call sites give it, and so does `caller`) calls it as he likes. Modules are in strict mode,
 * but bundlers make scripts of them and drop directives; the code of a class stays in strict mode.
 */
const BEGIN = "class Package {\n  static contents() {\n";
const END = "return contents;\n  }\n}\n";

/** What is in the binary of an entry: all families, or one. */
const WHOLE = { wasm: "strongroom.wasm", chosen: families };
const only = (family) => ({ wasm: `${family}.wasm`, chosen: [family] });

/** The source `entry` with all that it imports, and a map that says where each part of it comes from. */
async function bundled(entry, { wasm, chosen }) {
  const binary = readFileSync(join(folder, wasm));
  const { outputFiles } = await build({
    entryPoints: [join(sources, entry)],
    write: false,
    outfile: join(sources, entry),
    bundle: true,
    sourcemap: "external",
    // The sources aren't in the package as files, and one of them is called as a file that is.
    sourceRoot: "source/",
    format: "iife",
    globalName: "contents",
    target: "es2022",
    minifySyntax: true,
    minifyWhitespace: true,
    // Errors show people the names of functions; where bytes count, those of the classes alone.
    minifyIdentifiers: chosen !== families,
    define: {
      BINARY: JSON.stringify(deflateRawSync(binary, { level: 9 }).toString("base64")),
      BINARY_LENGTH: String(binary.length),
    },
    plugins: [onlyFamilies(chosen)],
    logLevel: "warning",
  });
  const [map, code] = outputFiles.map(({ text }) => text);
  return { code, map: JSON.parse(map) };
}

/** Writes the file `name`, and its map beside it: `before`, the class with the bundle in it, `after`. */
function writeBundle(name, before, { code, map }, after) {
  const start = before + BEGIN;
  write(name, `${start}${code}${END}${after}//# sourceMappingURL=${name}.map\n`);
  // Lines of the file that come from no source stand before those of the bundle.
  const mappings = start.replace(/[^\n]/g, "").replaceAll("\n", ";") + map.mappings;
  write(`${name}.map`, JSON.stringify({ ...map, file: name, mappings }));
}

/** What entries give. */
const CLASSES = ["Secret", "SecretError"];
const WITH_INIT = [...CLASSES, "init"];
const WITH_THREAD = [...WITH_INIT, "terminate"];

/** Writes the source `entry` as a module in the file `name`. */
async function module(name, entry, contents, exported, before = "") {
  const names = exported.join(", ");
  const end = `const { ${names} } = Package.contents();\nexport { ${names} };\n`;
  writeBundle(name, before, await bundled(entry, contents), end);
}

async function commonJs(name, entry, contents, exported, before = "") {
  // What is never executed tells Node the names, for those who import it.
  const end = `module.exports = Package.contents();\n0 && (module.exports = { ${exported.join(", ")} });\n`;
  writeBundle(name, `"use strict";\n${before}`, await bundled(entry, contents), end);
}

/** An entry that is ready when it is imported. */
const ready = (name, contents) => [
  module(`${name}.js`, "index.js", contents, CLASSES),
  commonJs(`${name}.cjs`, "index.js", contents, CLASSES),
  module(`workerd-${name}.js`, "workerd.js", contents, CLASSES, `import compiled from "./${contents.wasm}";\n`),
];

await Promise.all([
  ...ready("index", WHOLE),
  ...alone.flatMap((family) => ready(family, only(family))),
  module("init.js", "init.js", WHOLE, WITH_INIT),
  commonJs("init.cjs", "init.js", WHOLE, WITH_INIT),
  module("worker.js", "worker.js", WHOLE, WITH_THREAD, SCRIPT),
  module("worker-node.js", "worker-node.js", WHOLE, WITH_THREAD, NODE_SCRIPT),
  commonJs("worker-node.cjs", "worker-node.js", WHOLE, WITH_THREAD, NODE_SCRIPT_IN_COMMON_JS),
  bundled("thread.js", WHOLE).then((bundle) => writeBundle("thread.js", "", bundle, "Package.contents();\n")),
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
    .replace(/(callback: \(\w+: Bytes\) => T\)): T;/g, "$1: Promise<Awaited<T>>;")
    .replace(/\): (Secret|Bytes|boolean|number|void);/g, "): Promise<$1>;")
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

const types = {
  index: read("index.d.ts"),
  // A class of its own, so that it is none of the others' for TypeScript either.
  init: read("index.d.ts") + read("init.d.ts"),
  worker: asynchronous(read("index.d.ts")),
  ...Object.fromEntries(alone.map((family) => [family, read("index.d.ts", [family])])),
};
for (const [name, content] of Object.entries(types)) {
  // One for modules and one for CommonJS, or TypeScript takes either for the other.
  write(`${name}.d.ts`, content);
  write(`${name}.d.cts`, content);
}

/** The manifest, with the entries of the families. */
function manifest() {
  const fields = JSON.parse(read("package.json"));
  for (const family of alone) {
    // As the entry for all of them.
    const entry = JSON.stringify(fields.exports["."]).replace(/\bindex\./g, `${family}.`);
    fields.exports[`./${family}`] = JSON.parse(entry);
  }
  return JSON.stringify(fields);
}

write("package.json", manifest());
write("README.md", read("README.md"));
// Its decompressor is in the bundles.
cpSync(fileURLToPath(new URL("node_modules/fflate/LICENSE", import.meta.url)), join(folder, "LICENSE-fflate"));
