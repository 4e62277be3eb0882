// The package as it is loaded: in each place, the same few lines, on the first turn.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

import { chromium } from "playwright-core";

import { findChromium } from "../browser.mjs";
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
    [`--input-type=${type}`, "--eval", script],
    { encoding: "utf8" },
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

const ANSWER = `import { Secret } from "/index.js"; onmessage = ({ data, ports: [port] }) => (port ?? self).postMessage(${USE});`;
const PAGES = {
  "/": ["text/html", "<!doctype html><title>strongroom</title>"],
  "/worker.js": ["text/javascript", ANSWER],
  "/index.js": ["text/javascript", () => readFile(new URL("index.js", PACKAGE))],
};

test("in Chromium", async (t) => {
  const server = createServer(async ({ url }, response) => {
    const [type, content] = PAGES[url] ?? ["text/plain", ""];
    response.writeHead(PAGES[url] ? 200 : 404, {
      "content-type": type,
      // What a strict page allows, and the one thing that WebAssembly needs.
      "content-security-policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
    });
    response.end(typeof content === "function" ? await content() : content);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const browser = await chromium.launch({ executablePath: findChromium(), args: ["--headless=new", "--no-sandbox", "--disable-gpu"] });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    const places = {
      "a page": async () => {
        const { Secret } = await import("/index.js");
        const text = (string) => new TextEncoder().encode(string);
        const tag = Secret.fromBytes(text("Jefe")).hmacSha256(text("what do ya want for nothing?"));
        return Array.from(tag, (byte) => byte.toString(16).padStart(2, "0")).join("");
      },
      "a worker, which loses no message": () =>
        new Promise((resolve, reject) => {
          const worker = new Worker("/worker.js", { type: "module" });
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
          worker.postMessage("first");
        }),
      "a service worker": async () => {
        await navigator.serviceWorker.register("/worker.js", { type: "module" });
        const { active } = await navigator.serviceWorker.ready;
        const { port1, port2 } = new MessageChannel();
        const answer = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
        active.postMessage("first", [port2]);
        return answer;
      },
    };
    for (const [name, use] of Object.entries(places)) {
      await t.test(name, async () => assert.equal(await page.evaluate(use), TAG));
    }
  } finally {
    await browser.close();
    server.close();
  }
});
