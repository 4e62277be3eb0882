// Every operation on every published vector. A method has the name that `strongroom:secret` has for the
// function, in JavaScript's spelling: a vector of a new algorithm needs nothing here.

import { equal } from "./assert.mjs";
import { fromHex, hex } from "./hex.mjs";
import { bytesOf, vectorsOf } from "./vectors.mjs";

const method = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
const reveal = (secret) => secret.withBytes(hex);

/** The bytes with one bit of the last one changed. */
function changed(bytes) {
  const copy = bytes.slice();
  copy[copy.length - 1] ^= 1;
  return copy;
}

export const vectorChecks = {
  async "HMACs are as published"({ Secret }) {
    for (const vector of await vectorsOf("mac")) {
      const [key, message] = bytesOf(vector, "key", "message");
      const secret = Secret.fromBytes(key);
      for (const [algorithm, published] of Object.entries(vector.tags)) {
        const source = `${vector.source}, ${algorithm}`;
        const tag = secret[method(algorithm)](message);
        equal(hex(tag.subarray(0, vector.tag_cut_to)), published, source);
        const verifies = (tag) => secret[method(`verify-${algorithm}`)](message, tag);
        equal(verifies(tag), true, source);
        equal(verifies(changed(tag)), false, source);
        equal(verifies(tag.subarray(1)), false, source);
      }
    }
  },

  async "AEADs are as published"({ Secret }) {
    for (const vector of await vectorsOf("aead")) {
      const { source, algorithm, ciphertext, tag } = vector;
      const [key, nonce, data, plaintext] = bytesOf(vector, "key", "nonce", "associated_data", "plaintext");
      const secret = Secret.fromBytes(key);
      const sealed = secret.sealWithNonce(algorithm, nonce, plaintext, data);
      equal(hex(sealed), ciphertext + tag, source);
      equal(hex(secret.openWithNonce(algorithm, nonce, sealed, data)), vector.plaintext, source);
      const whole = fromHex(vector.nonce + ciphertext + tag);
      equal(hex(secret.open(algorithm, whole, data)), vector.plaintext, source);
      // No secret is empty; and an entry of this family alone has no wrapping.
      if (plaintext.length > 0 && secret.unwrapAead) {
        equal(reveal(secret.unwrapAead(algorithm, whole, data)), vector.plaintext, source);
      }
    }
  },

  async "key derivations are as published"({ Secret }) {
    const { hkdf, argon2id } = await vectorsOf("kdf");
    for (const vector of hkdf) {
      const [key, salt, info, derived] = bytesOf(vector, "key", "salt", "info", "derived");
      const made = Secret.fromBytes(key)[method(vector.algorithm)](salt, info, derived.length);
      equal(reveal(made), vector.derived, vector.source);
    }
    for (const vector of argon2id.filter(({ keyed }) => !keyed)) {
      const [password, salt, derived] = bytesOf(vector, "password", "salt", "derived");
      const { memory_kib: memoryKib, passes, lanes } = vector;
      const cost = { memoryKib, passes, lanes };
      const made = Secret.fromBytes(password).argon2id(salt, cost, derived.length);
      equal(reveal(made), vector.derived, vector.source);
    }
  },

  async "signatures are as published"({ Secret }) {
    for (const vector of await vectorsOf("sign")) {
      const { source, algorithm } = vector;
      const [bytes, publicKey, message, signature] = bytesOf(vector, "seed", "public_key", "message", "signature");
      const seed = Secret.fromBytes(bytes);
      equal(hex(seed[method(`${algorithm}-public-key`)]()), vector.public_key, source);
      equal(hex(seed[method(`sign-${algorithm}`)](message)), vector.signature, source);
      const verifies = (message, signature) =>
        Secret[method(`verify-${algorithm}`)](publicKey, message, signature);
      equal(verifies(message, signature), true, source);
      equal(verifies(message, changed(signature)), false, source);
      equal(verifies(message, signature.subarray(1)), false, source);
      equal(verifies(Uint8Array.of(...message, 0), signature), false, source);
    }
  },

  async "wrapped keys are as published"({ Secret }) {
    for (const vector of await vectorsOf("wrap")) {
      const { source, algorithm } = vector;
      const [key, bytes, wrapped] = bytesOf(vector, "key", "secret", "wrapped");
      const wrapping = Secret.fromBytes(key);
      equal(hex(wrapping[method(`wrap-${algorithm}`)](Secret.fromBytes(bytes))), vector.wrapped, source);
      equal(reveal(wrapping[method(`unwrap-${algorithm}`)](wrapped)), vector.secret, source);
    }
  },
};
