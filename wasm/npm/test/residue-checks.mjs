// Linear memory holds no 8-byte window of a secret once it, or a copy of it, should be gone.

import { Needle, WINDOW, count } from "../residue/needle.mjs";
import { equal, isZero, refused } from "./assert.mjs";

/**
 * Bytes, as many random ones as asked for or those that are given, and a search for them and for what
 * HMAC makes of a key before it hashes.
 */
export function sample(of = 77) {
  const bytes = typeof of === "number" ? crypto.getRandomValues(new Uint8Array(new ArrayBuffer(of))) : of;
  const { length } = bytes;
  const padded = [0x00, 0x36, 0x5c].map((pad) => bytes.map((byte) => byte ^ pad));
  const swapped = [4, 8].flatMap((size) => padded.map((form) => bigEndianWords(form, size)));
  const needles = [...padded, ...swapped].map((form) => new Needle(form));
  return {
    bytes,
    /** The windows of a single copy. */
    once: length - WINDOW + 1,
    in: (memory) => count(needles, new Uint8Array(memory.buffer)),
  };
}

/** `bytes` as the words of a hash block, of 4 or 8 bytes, in the memory of a little-endian machine. */
function bigEndianWords(bytes, size) {
  const words = bytes.slice(0, bytes.length & -size);
  for (let at = 0; at < words.length; at += size) words.subarray(at, at + size).reverse();
  return words;
}

export const residueChecks = {
  "the search sees linear memory"({ SecretError, Secret, memory }) {
    const secret = Secret.random(1);
    secret.close();
    // This text is in the data section, so it is there however well the heap is wiped.
    const { message } = refused(SecretError, "closed", () => secret.byteLength);
    const control = new Needle(new TextEncoder().encode(message));
    equal(control.count(new Uint8Array(memory.buffer)) > 0, true, "control string seen");
  },

  "a live secret is there once, and a closed one not at all"({ Secret, memory }) {
    const one = sample();
    const secret = Secret.fromBytes(one.bytes);
    equal(isZero(one.bytes), true);
    equal(one.in(memory), one.once);
    secret.close();
    equal(one.in(memory), 0);
  },

  "accesses leave nothing behind"({ Secret, memory }) {
    const one = sample();
    const secret = Secret.fromBytes(one.bytes);
    const copy = new Uint8Array(secret.byteLength);
    secret.withBytes((bytes) => bytes[0]);
    secret.copyInto(copy);
    equal(one.in(memory), one.once);
    secret.close();
    equal(one.in(memory), 0);
  },

  "signing leaves nothing behind, whatever the key's length"({ Secret, memory }) {
    // Around the block of the hash, since longer keys are hashed first.
    for (const length of [8, 12, 16, 32, 63, 64, 65, 77, 150]) {
      const one = sample(length);
      const secret = Secret.fromBytes(one.bytes);
      const tag = secret.hmacSha256(new Uint8Array(200));
      equal(one.in(memory), one.once, `${length} bytes, after signing`);
      secret.verifyHmacSha256(new Uint8Array(200), tag);
      equal(one.in(memory), one.once, `${length} bytes, after verifying`);
      secret.close();
      equal(one.in(memory), 0, `${length} bytes, after closing`);
    }
  },

  "replace leaves nothing of what was before"({ Secret, memory }) {
    const [one, two] = [sample(), sample()];
    const secret = Secret.fromBytes(one.bytes);
    secret.withBytes(() => secret.replace(two.bytes));
    equal(one.in(memory), 0);
    equal(two.in(memory), two.once);
    secret.close();
    equal(two.in(memory), 0);
  },

  "a refused source leaves nothing behind"({ Secret, SecretError, memory }) {
    const one = sample();
    const secret = Secret.random(8);
    secret.close();
    refused(SecretError, "closed", () => secret.replace(one.bytes));
    equal(isZero(one.bytes), false);
    equal(one.in(memory), 0);
  },

  "arguments leave nothing behind"({ Secret, memory }) {
    const [message, tag] = [sample(), sample()];
    const secret = Secret.random(32);
    secret.hmacSha256(message.bytes);
    secret.verifyHmacSha256(message.bytes, tag.bytes);
    equal(message.in(memory), 0);
    equal(tag.in(memory), 0);
  },

  async "a forgotten secret is wiped when it is collected"({ Secret, memory, collectGarbage }) {
    const one = sample();
    // In a function of its own, whose frame holds the only reference.
    (() => equal(Secret.fromBytes(one.bytes).isClosed, false))();
    equal(one.in(memory), one.once);
    for (let turn = 0; turn < 100 && one.in(memory) > 0; turn++) {
      await collectGarbage();
      await new Promise((resolve) => setTimeout(resolve));
    }
    equal(one.in(memory), 0);
  },
};
