// The package as Node loads it, and what it shows of itself then. Other places are in packaging/.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

import { buildSync } from "esbuild";

import { PACKAGE } from "../package-folder.mjs";

const file = (name) => fileURLToPath(new URL(name, PACKAGE));
const TAG = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

/** An expression that gives the tag of RFC 4231's second test case. */
const USE = `(() => {
  const text = (string) => new TextEncoder().encode(string);
  const tag = Secret.fromBytes(text("Jefe")).hmacSha256(text("what do ya want for nothing?"));
  return Array.from(tag, (byte) => byte.toString(16).padStart(2, "0")).join("");
})()`;

function node(script, type) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [`--input-type=${type}`, "-"],
    { encoding: "utf8", input: script },
  );
  assert.equal(status, 0, stderr.slice(0, 2000));
  return stdout.trim();
}

const IN_NODE = {
  import: [`import { Secret } from ${JSON.stringify(new URL("index.js", PACKAGE))}; console.log(${USE})`, "module"],
  require: [`const { Secret } = require(${JSON.stringify(file("index.cjs"))}); console.log(${USE})`, "commonjs"],
  "init with the file's bytes": [
    `import { init, Secret, SecretError } from ${JSON.stringify(new URL("init.js", PACKAGE))};
     import { readFileSync } from "node:fs";
     try { Secret.random(1); } catch (error) { if (!SecretError.is(error) || error.code !== "not-ready") throw error; }
     init(readFileSync(${JSON.stringify(file("strongroom.wasm"))}));
     console.log(${USE})`,
    "module",
  ],
  "init with a module": [
    `const { init, Secret } = require(${JSON.stringify(file("init.cjs"))});
     init(new WebAssembly.Module(require("fs").readFileSync(${JSON.stringify(file("strongroom.wasm"))})));
     console.log(${USE})`,
    "commonjs",
  ],
};

for (const [name, [script, type]] of Object.entries(IN_NODE)) {
  test(`in Node, by ${name}`, () => assert.equal(node(script, type), TAG));
}

test("in a worker of Node's, which loses no message", async () => {
  const script = `
    const { parentPort } = require("node:worker_threads");
    const { Secret } = require(${JSON.stringify(file("index.cjs"))});
    parentPort.on("message", () => parentPort.postMessage(${USE}));`;
  const worker = new Worker(script, { eval: true });
  worker.postMessage("first");
  const [tag] = await once(worker, "message");
  await worker.terminate();
  assert.equal(tag, TAG);
});

/** What a script prints of the functions that others get hold of, in `code` with `Secret` as a global. */
const functionsShown = (code) =>
  JSON.parse(
    node(
      `require("node:vm").runInThisContext(${JSON.stringify(code)}, { filename: "bundle.js" });
       const sloppy = (0, eval)("(function () { callers.push(sloppy.caller); })");
       const callers = [];
       globalThis.sloppy = sloppy;
       globalThis.callers = callers;
       const shown = [];
       Error.prepareStackTrace = (_, sites) => sites;
       const see = (use) => {
         try {
           use();
         } catch ({ stack }) {
           const ours = stack.filter((site) => site.getFileName() === "bundle.js");
           if (ours.length === 0) shown.push("no call of the package");
           for (const site of ours) {
             if (site.getFunction() !== undefined || site.getThis() !== undefined) shown.push(site.getFunctionName());
           }
         }
       };
       const key = Secret.fromBytes(new Uint8Array(32).fill(1));
       see(() => Secret.verifyEd25519("x", "x", "x"));
       see(() => new Secret());
       see(() => Secret.random(0));
       see(() => Secret.random(-1));
       see(() => key.seal("none", new Uint8Array(1)));
       see(() => key.hmacSha256(8));
       see(() => key.copyInto(new Uint8Array(1)));
       see(() => key.argon2id(new Uint8Array(8), {}, 8));
       see(() => key.withBytes(() => { throw new Error("a callback's"); }));
       see(() => key.withBytes((bytes) => bytes.values()));
       key.withBytes(sloppy);
       key.close();
       see(() => key.withBytes(() => {}));
       if (callers.some((caller) => caller !== null)) shown.push("caller");
       console.log(JSON.stringify(shown));`,
      "commonjs",
    ),
  );

/** The package as users bundle it into a script, whose own code is not in strict mode. */
function asScript(options) {
  // Not `build`: its process outlives the call, and holds the runner's pipes for as long as it lives.
  const { outputFiles } = buildSync({
    stdin: {
      contents: `import { Secret } from ${JSON.stringify(file("index.js"))}; globalThis.Secret = Secret;`,
      resolveDir: fileURLToPath(PACKAGE),
    },
    bundle: true,
    write: false,
    format: "iife",
    logLevel: "error",
    ...options,
  });
  return outputFiles[0].text;
}

const commonJs = async () =>
  `{ const module = {}; ((module) => {${await readFile(file("index.cjs"), "utf8")}\n})(module); globalThis.Secret = module.exports.Secret; }`;
const SCRIPTS = {
  "CommonJS": commonJs,
  // What bundlers do that drop directives.
  "CommonJS in a bundle": async () => (await commonJs()).replace('"use strict";', ""),
  "a bundle": () => asScript({}),
  "a minified bundle for older engines": () => asScript({ minify: true, target: "es2020" }),
};

for (const [name, code] of Object.entries(SCRIPTS)) {
  test(`no error shows a function of the package, in ${name}`, async () => {
    assert.deepEqual(functionsShown(await code()), []);
  });
}

test("a function that isn't in strict mode is shown", () => {
  const shown = functionsShown(`
    class Secret {
      static fromBytes() {
        return { withBytes() {}, close() {} };
      }
    }
    Secret.verifyEd25519 = function enter() { throw new Error(); };
    globalThis.Secret = Secret;`);
  assert.ok(shown.includes("enter") || shown.includes("Function.enter"), shown.join());
});
