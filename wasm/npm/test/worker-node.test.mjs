// `strongroom/worker` as only Node shows it: the memory of the whole process, and other threads.

import assert from "node:assert/strict";
import { once } from "node:events";
import { spawnSync } from "node:child_process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

import { PACKAGE } from "../package-folder.mjs";
import { Needle, WINDOW } from "../residue/needle.mjs";
import { scanProcess } from "../residue/process-memory.mjs";

const entry = new URL("worker-node.js", PACKAGE).href;
const { Secret, SecretError, init, terminate } = await import(entry);
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");

const ALGORITHM = "aes256-gcm";
const LENGTH = 77;
const ONCE = LENGTH - WINDOW + 1;
const zeros = (length) => new Uint8Array(new ArrayBuffer(length));

/** Random bytes, and how many windows of them are in the process, which has them no more than once by itself. */
function sample(length = LENGTH) {
  const bytes = crypto.getRandomValues(zeros(length));
  const needle = new Needle(bytes);
  return { bytes, found: () => scanProcess([needle]).found };
}

test("a secret is in the process once, in the worker's memory, and not at all after its end", async () => {
  const one = sample();
  // The control: the search sees it where it is.
  assert.equal(one.found(), ONCE);
  const secret = await Secret.fromBytes(one.bytes);
  assert.equal(one.found(), ONCE);
  await secret.hmacSha256("message");
  assert.equal(await secret.withBytes((copy) => copy.length), LENGTH);
  const target = zeros(LENGTH);
  await secret.copyInto(target);
  target.fill(0);
  assert.equal(one.found(), ONCE);
  const next = sample();
  await secret.replace(next.bytes);
  assert.equal(one.found(), 0);
  assert.equal(next.found(), ONCE);
  await secret.close();
  assert.equal(next.found(), 0);
});

test("what crosses leaves nothing behind, whether the call succeeds or fails", async () => {
  const ended = await Secret.random(32);
  await terminate();
  const [key, short] = [await Secret.random(32), await Secret.random(31)];
  const sealedBy = (secret) => (one) => secret.seal(ALGORITHM, one.bytes, one.bytes);
  const uses = {
    hmacSha256: (one) => key.hmacSha256(one.bytes),
    "hmacSha256 of a buffer": (one) => key.hmacSha256(one.bytes.buffer),
    seal: sealedBy(key),
    "seal, refused": sealedBy(short),
    "fromBytes, closed": async (one) => (await Secret.fromBytes(one.bytes)).close(),
    "replace, refused": (one) => closed.replace(one.bytes),
    "replace, of a thread that has ended": (one) => ended.replace(one.bytes),
    "hmacSha256, of a thread that has ended": (one) => ended.hmacSha256(one.bytes),
    "hkdfSha256, whose info is wrong": (one) =>
      assert.rejects(key.hkdfSha256(one.bytes, "info", 32), { name: "TypeError", message: /info/ }),
    "withBytes, whose callback throws": async (one) => {
      const secret = await Secret.fromBytes(one.bytes);
      await assert.rejects(secret.withBytes(() => Promise.reject(new Error("its own"))), /its own/);
      await secret.close();
    },
    "copyInto, refused": async (one) => {
      const secret = await Secret.fromBytes(one.bytes);
      await assert.rejects(secret.copyInto(zeros(8)), { code: "buffer-too-small" });
      await secret.close();
    },
    open: async (one) => {
      const opened = await key.open(ALGORITHM, await key.seal(ALGORITHM, one.bytes));
      assert.ok(opened.some((byte) => byte !== 0));
      opened.fill(0);
    },
  };
  const closed = await Secret.random(1);
  await closed.close();
  for (const [name, use] of Object.entries(uses)) {
    const one = sample();
    await Promise.resolve(use(one)).catch((error) => assert.ok(SecretError.is(error), `${name}: ${error}`));
    one.bytes.fill(0);
    assert.equal(one.found(), 0, name);
  }
  await Promise.all([key.close(), short.close()]);
});

test("what the thread held is gone with it", async () => {
  const one = sample();
  const secret = await Secret.fromBytes(one.bytes);
  assert.equal(one.found(), ONCE);
  await terminate();
  assert.equal(one.found(), 0);
  await assert.rejects(secret.byteLength, { code: "terminated" });
});

test("an answer that comes after the thread's end is wiped, and nobody's", async () => {
  const one = sample();
  const secret = await Secret.fromBytes(one.bytes);
  const pending = secret.withBytes(() => assert.fail("it is over"));
  // Until the answer is there, which nothing takes meanwhile; were it later, nothing would be tested, or fail.
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  for (let turn = 0; turn < 100 && one.found() === ONCE; turn++) Atomics.wait(nothing, 0, 0, 20);
  assert.equal(one.found(), 2 * ONCE);
  const ended = terminate();
  await assert.rejects(pending, { code: "terminated" });
  await ended;
  // Its events come after those that are due.
  for (let turn = 0; turn < 100 && one.found() > 0; turn++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(one.found(), 0);
});

test("a secret that is forgotten here is wiped there, unless a port has a handle on it", async () => {
  const [one, two] = [sample(), sample()];
  let port;
  await (async () => {
    await Secret.fromBytes(one.bytes);
    port = await (await Secret.fromBytes(two.bytes)).toPort();
  })();
  assert.equal(one.found() + two.found(), 2 * ONCE);
  for (let turn = 0; turn < 100 && one.found() > 0; turn++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(one.found(), 0);
  assert.equal(two.found(), ONCE);
  // The end of a port is that of its handle.
  port.close();
  for (let turn = 0; turn < 100 && two.found() > 0; turn++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(two.found(), 0);
});

test("a handle crosses to another thread", async () => {
  const script = `
    const { parentPort } = require("node:worker_threads");
    const { Secret } = require(${JSON.stringify(fileURLToPath(new URL("worker-node.cjs", PACKAGE)))});
    parentPort.once("message", async (port) => parentPort.postMessage(await Secret.fromPort(port).hmacSha256("message")));`;
  const key = await Secret.fromBytes(new Uint8Array(32).fill(1));
  const port = await key.toPort();
  const worker = new Worker(script, { eval: true });
  worker.postMessage(port, [port]);
  const [tag] = await once(worker, "message");
  await worker.terminate();
  assert.deepEqual(new Uint8Array(tag), await key.hmacSha256("message"));
  await key.close();
});

test("a worker of the caller's does as well, and its own end rejects what is pending", async () => {
  await terminate();
  const worker = new Worker(new URL("thread.js", PACKAGE));
  init(worker);
  assert.throws(() => init(worker), TypeError);
  const key = await Secret.random(32);
  const pending = key.argon2id(new Uint8Array(16), { memoryKib: 65536, passes: 8, lanes: 1 }, 32);
  const rejected = assert.rejects(pending, { code: "terminated" });
  await worker.terminate();
  await rejected;
});

test("a thread that fails to start is told with its cause", async () => {
  await terminate();
  init(new Worker("throw new Error('no such script')", { eval: true }));
  await assert.rejects(Secret.random(1), (error) => error.code === "terminated" && error.cause.message === "no such script");
});

/** What a module prints as JSON. */
function printed(body) {
  const script = `const { Secret, SecretError } = await import(${JSON.stringify(entry)});\n${body}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    encoding: "utf8",
    timeout: 60_000,
    env: { ...process.env, NODE_OPTIONS: "--no-warnings" },
  });
  assert.equal(status, 0, stderr.slice(0, 2000));
  return JSON.parse(stdout);
}

test("an idle thread keeps no process, and what is pending does", () => {
  const outcome = printed(`
    const key = await Secret.random(32);
    key.argon2id(new Uint8Array(16), { memoryKib: 8192, passes: 1, lanes: 1 }, 32).then((made) => made.byteLength).then((length) => console.log(length));`);
  assert.equal(outcome, 32);
});

test("no thread is started by ways of Node's that others have replaced", () => {
  const patches = [
    "MessagePort.prototype.postMessage = () => {}",
    "Object.defineProperty(Array.prototype, 0, { configurable: true, set() {} })",
    "Object.getPrototypeOf(MessagePort.prototype).on = () => {}",
    "EventTarget.prototype.addEventListener = () => {}",
    "MessagePort.prototype.on = () => {}",
    // One that shows itself at second sight.
    `const { postMessage } = MessagePort.prototype;
    let looks = 0;
    Object.defineProperty(MessagePort.prototype, "postMessage", { get: () => (looks++ ? () => {} : postMessage) })`,
    "Object.setPrototypeOf(MessagePort.prototype, Object.create(Object.getPrototypeOf(MessagePort.prototype)))",
  ];
  for (const patch of patches) {
    const message = printed(`
      ${patch};
      const message = await Secret.random(32).catch((error) => error.message);
      delete Array.prototype[0];
      console.log(JSON.stringify(message));`);
    assert.match(message, /were replaced after strongroom\/worker was imported/, patch);
  }
  // No options of others.
  const seen = printed(`
    const names = ["argv", "eval", "resourceLimits", "stdin", "transferList", "workerData"];
    const seen = [];
    for (const name of names) Object.defineProperty(Object.prototype, name, { configurable: true, get: () => void seen.push(name), set() {} });
    await Secret.random(1);
    for (const name of names) delete Object.prototype[name];
    console.log(JSON.stringify(seen.join()));`);
  assert.equal(seen, "");
  // Once it runs, they may be anything.
  const length = printed(`
    await Secret.random(1);
    MessagePort.prototype.postMessage = () => {};
    console.log(await (await Secret.random(32)).byteLength);`);
  assert.equal(length, 32);
});
