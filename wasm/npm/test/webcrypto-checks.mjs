// Keys of Web Crypto, made of secrets and the other way round. As in checks.mjs, nothing here is of Node or of
// a page.

import { equal, isZero, refusedLater, rejected, same } from "./assert.mjs";
import { patched } from "./patched.mjs";
import { sample } from "./residue-checks.mjs";

const { subtle } = crypto;
const HMAC = { name: "HMAC", hash: "SHA-256" };
const bytes = (length = 32, byte = 5) => new Uint8Array(length).fill(byte);

/** The same of the class here, and of that in a worker. */
const kinds = ({ Secret, SecretError, remote }) => [{ Secret, SecretError }, remote];

export const webCryptoChecks = {
  async "a secret becomes a key of the platform's, which can't be exported"(context) {
    for (const { Secret } of kinds(context)) {
      const secret = await Secret.fromBytes(bytes());
      const key = await secret.toCryptoKey("AES-GCM", ["encrypt"]);
      equal(`${key.type} ${key.extractable} ${key.usages}`, "secret false encrypt");
      await rejected(Error, () => subtle.exportKey("raw", key));
      const iv = bytes(12);
      const sealed = new Uint8Array(await subtle.encrypt({ name: "AES-GCM", iv }, key, bytes(1000)));
      equal(same(await secret.openWithNonce("aes256-gcm", iv, sealed), bytes(1000)), true);
      const mac = await secret.toCryptoKey(HMAC, ["sign"]);
      equal(same(new Uint8Array(await subtle.sign("HMAC", mac, bytes(7))), await secret.hmacSha256(bytes(7))), true);
      // It outlives the secret.
      await secret.close();
      equal((await subtle.sign("HMAC", mac, bytes(7))).byteLength, 32);
    }
  },

  async "a key of the platform's becomes a secret, if it can be exported"(context) {
    for (const { Secret } of kinds(context)) {
      const key = await subtle.generateKey({ ...HMAC, length: 256 }, true, ["sign"]);
      const secret = await Secret.fromCryptoKey(key);
      equal(same(await secret.hmacSha256(bytes()), new Uint8Array(await subtle.sign("HMAC", key, bytes()))), true);
      await secret.close();
      const closed = await subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt"]);
      const error = await rejected(TypeError, () => Secret.fromCryptoKey(closed));
      equal(error.message, "`key` must be a CryptoKey that can be exported as raw bytes, not an object");
      for (const wrong of [undefined, {}, "key", bytes()]) await rejected(TypeError, () => Secret.fromCryptoKey(wrong));
    }
  },

  async "what is refused is an error, of this package or of the platform"(context) {
    for (const { Secret, SecretError } of kinds(context)) {
      const secret = await Secret.fromBytes(bytes(31));
      // Keys of AES have 16, 24 or 32 bytes, and don't sign.
      equal((await rejected(Error, () => secret.toCryptoKey("AES-GCM", ["encrypt"]))).name, "DataError");
      equal((await rejected(Error, () => secret.toCryptoKey("AES-GCM", ["sign"]))).name, "SyntaxError");
      equal((await rejected(Error, () => secret.toCryptoKey("none", ["sign"]))).name, "NotSupportedError");
      await secret.close();
      await refusedLater(SecretError, "closed", () => secret.toCryptoKey("AES-GCM", ["encrypt"]));
      await rejected(TypeError, () => secret.toCryptoKey.call({}, "AES-GCM", ["encrypt"]));
    }
  },

  async "copies for the platform's keys, and of them, are wiped, whether it succeeds or fails"({ load }) {
    const owner = Object.getPrototypeOf(subtle);
    const passed = [];
    const spies = [
      [owner, "importKey", (result, given) => passed.push(given[1])],
      [owner, "exportKey", async (result) => passed.push(new Uint8Array(await result))],
    ].map(([object, name, see]) => {
      const original = object[name];
      const value = function (...given) {
        const result = Reflect.apply(original, this, given);
        result.catch(() => {});
        see(result, given)?.catch?.(() => {});
        equal(given[1] instanceof Uint8Array ? isZero(given[1]) : false, false, "there when it is taken");
        return result;
      };
      return [object, name, { value, configurable: true, writable: true }];
    });
    const { Secret } = await patched(spies, load);
    const secret = Secret.fromBytes(bytes());
    await secret.toCryptoKey("AES-GCM", ["encrypt"]);
    await rejected(Error, () => secret.toCryptoKey("AES-GCM", ["sign"]));
    await Secret.fromCryptoKey(await subtle.importKey("raw", bytes(), HMAC, true, ["sign"]));
    equal(passed.map((copy) => `${copy.length} ${isZero(copy)}`).join(), "32 true,32 true,32 true");
  },

  async "keys of the platform's leave nothing behind in linear memory"({ Secret, memory }) {
    const one = sample(32);
    const secret = Secret.fromBytes(one.bytes);
    const key = await secret.toCryptoKey(HMAC, ["sign"]);
    equal(one.in(memory), one.once);
    secret.close();
    equal(one.in(memory), 0);
    equal((await subtle.sign("HMAC", key, bytes())).byteLength, 32);
  },

  async "nobody sees a copy by what was replaced after the import"({ Secret }) {
    const secret = Secret.fromBytes(bytes(32, 201));
    const views = Object.getPrototypeOf(Uint8Array.prototype);
    const first = Object.getOwnPropertyDescriptor(views, "length").get;
    let seen = "";
    const spies = ["length", "byteLength", "byteOffset", "buffer", "slice", "subarray", "fill", "set", Symbol.toStringTag].map((name) => {
      const { get, value } = Object.getOwnPropertyDescriptor(views, name);
      const spy = function (...args) {
        if (this instanceof Uint8Array && Reflect.apply(first, this, []) === 32 && this[0] === 201) seen += String(name);
        return Reflect.apply(get ?? value, this, args);
      };
      return [views, name, get ? { configurable: true, get: spy } : { configurable: true, writable: true, value: spy }];
    });
    await patched(spies, async () => {
      await secret.toCryptoKey("AES-GCM", ["encrypt"]);
      await secret.toCryptoKey(HMAC, ["sign"]);
      equal(seen, "", "what saw it");
      // The control.
      bytes(32, 201).slice();
    });
    equal(seen.includes("slice"), true);
  },
};
