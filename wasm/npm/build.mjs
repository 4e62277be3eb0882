// Makes the package's files of those in package/ and of the binary, which is in the folder already.
// `cargo xtask pack` runs it: node build.mjs FOLDER FAMILY..

import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
    onLoad({ filter: /[/\\]secret\.js$/ }, () => ({ contents: read("secret.js"), loader: "js" }));
  },
};

const binary = readFileSync(join(folder, "strongroom.wasm"));

/** What each entry gives. */
const EXPORTS = {
  "index.js": ["Secret", "SecretError"],
  "init.js": ["Secret", "SecretError", "init"],
  "workerd.js": ["Secret", "SecretError"],
};

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

async function commonJs(entry, outfile) {
  // What is never executed tells Node the names, for those who import it.
  const end = `module.exports = Package.contents();\n0 && (module.exports = { ${EXPORTS[entry].join(", ")} });\n`;
  writeFileSync(join(folder, outfile), `"use strict";\n${await bundled(entry)}${end}`);
}

await Promise.all([
  module("index.js"),
  commonJs("index.js", "index.cjs"),
  module("init.js"),
  commonJs("init.js", "init.cjs"),
  module("workerd.js", 'import compiled from "./strongroom.wasm";\n'),
]);

for (const name of ["index", "init"]) {
  // One for modules and one for CommonJS, or TypeScript takes either for the other.
  writeFileSync(join(folder, `${name}.d.ts`), read(`${name}.d.ts`));
  writeFileSync(join(folder, `${name}.d.cts`), read(`${name}.d.ts`).replace('"./index.js"', '"./index.cjs"'));
}
for (const name of ["README.md", "package.json"]) cpSync(join(sources, name), join(folder, name));
// Its decompressor is in the bundles.
cpSync(fileURLToPath(new URL("node_modules/fflate/LICENSE", import.meta.url)), join(folder, "LICENSE-fflate"));
