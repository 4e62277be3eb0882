// Keys of Web Crypto and of node:crypto, as only Node shows it: the memory of the whole process.

import assert from "node:assert/strict";
import { KeyObject, createHmac, createSecretKey } from "node:crypto";
import { test } from "node:test";

import { PACKAGE } from "../package-folder.mjs";
import { Needle, WINDOW } from "../residue/needle.mjs";
import { scanProcess } from "../residue/process-memory.mjs";

const { Secret } = await import(new URL("index.js", PACKAGE).href);
const remote = await import(new URL("worker-node.js", PACKAGE).href);
const { subtle } = crypto;

const LENGTH = 32;
/** The windows of the one copy that a key of the platform's is. */
const ONCE = LENGTH - WINDOW + 1;

function sample() {
  const bytes = crypto.getRandomValues(new Uint8Array(new ArrayBuffer(LENGTH)));
  const needle = new Needle(bytes);
  return { bytes, found: () => scanProcess([needle]).found };
}

/** A test with the class on this thread, and with that in a worker. */
function inEach(name, use) {
  test(name, async (t) => {
    await t.test("on this thread", () => use(Secret));
    await t.test("in a worker", () => use(remote.Secret));
  });
}

inEach("a key made of a secret is the only copy that is left", async (Class) => {
  const one = sample();
  const secret = await Class.fromBytes(one.bytes);
  const key = await secret.toCryptoKey("AES-GCM", ["encrypt"]);
  assert.equal(one.found(), 2 * ONCE);
  await secret.close();
  assert.equal(one.found(), ONCE);
  assert.equal(key.extractable, false);
});

inEach("a key that is refused leaves none", async (Class) => {
  const one = sample();
  const secret = await Class.fromBytes(one.bytes);
  await assert.rejects(secret.toCryptoKey("AES-GCM", ["sign"]), { name: "SyntaxError" });
  await secret.close();
  assert.equal(one.found(), 0);
});

inEach("a secret made of a key leaves that key alone", async (Class) => {
  const one = sample();
  const key = await subtle.importKey("raw", one.bytes, "AES-GCM", true, ["encrypt"]);
  one.bytes.fill(0);
  assert.equal(one.found(), ONCE);
  const secret = await Class.fromCryptoKey(key);
  assert.equal(one.found(), 2 * ONCE);
  await secret.close();
  assert.equal(one.found(), ONCE);
});

inEach("a KeyObject is made of a secret, and the other way round", async (Class) => {
  const one = sample();
  const secret = await Class.fromBytes(one.bytes);
  const tag = Buffer.from(await secret.hmacSha256("message")).toString("hex");
  const keyObject = await secret.withBytes((bytes) => createSecretKey(bytes));
  await secret.close();
  assert.equal(one.found(), ONCE);
  const back = await Class.fromBytes(keyObject.export());
  assert.equal(Buffer.from(await back.hmacSha256("message")).toString("hex"), tag);
  await back.close();
  assert.equal(one.found(), ONCE);
  assert.equal(createHmac("sha256", keyObject).update("message").digest("hex"), tag);
  // Of a CryptoKey, by way of one.
  const cryptoKey = await (await Class.fromBytes(keyObject.export())).toCryptoKey("AES-GCM", ["encrypt"]);
  assert.equal(KeyObject.from(cryptoKey).equals(keyObject), true);
});

test("wrapping, which shows JavaScript no bytes, leaves some in Node's memory", async () => {
  const one = sample();
  const key = await subtle.importKey("raw", one.bytes, "AES-GCM", true, ["encrypt"]);
  one.bytes.fill(0);
  const wrapping = await subtle.generateKey({ name: "AES-KW", length: 256 }, true, ["wrapKey"]);
  await subtle.wrapKey("raw", key, wrapping, "AES-KW");
  assert.ok(one.found() > ONCE);
  assert.equal(key.extractable, true);
});
