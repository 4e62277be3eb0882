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

function bundle(entry, format, outfile) {
  return build({
    entryPoints: [join(sources, entry)],
    outfile: join(folder, outfile),
    bundle: true,
    format,
    target: "es2022",
    external: ["./strongroom.wasm"],
    define: {
      BINARY: JSON.stringify(deflateRawSync(binary, { level: 9 }).toString("base64")),
      BINARY_LENGTH: String(binary.length),
    },
    plugins: [onlyFamilies],
    logLevel: "warning",
  });
}

await Promise.all([
  bundle("index.js", "esm", "index.js"),
  bundle("index.js", "cjs", "index.cjs"),
  bundle("init.js", "esm", "init.js"),
  bundle("init.js", "cjs", "init.cjs"),
  bundle("workerd.js", "esm", "workerd.js"),
]);

for (const name of ["index", "init"]) {
  // One for modules and one for CommonJS, or TypeScript takes either for the other.
  writeFileSync(join(folder, `${name}.d.ts`), read(`${name}.d.ts`));
  writeFileSync(join(folder, `${name}.d.cts`), read(`${name}.d.ts`).replace('"./index.js"', '"./index.cjs"'));
}
for (const name of ["README.md", "package.json"]) cpSync(join(sources, name), join(folder, name));
// Its decompressor is in the bundles.
cpSync(fileURLToPath(new URL("node_modules/fflate/LICENSE", import.meta.url)), join(folder, "LICENSE-fflate"));
