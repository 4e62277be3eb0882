// Linear memory holds no 16-byte window of a secret once it, or a copy of it, should be gone.

import { Needle, count } from "../residue/needle.mjs";
import { equal, isZero, refused } from "./assert.mjs";

/** A secret of a length that is neither a whole number of words nor of hash blocks. */
const LENGTH = 77;

/** Random bytes and a search for them, and for what HMAC makes of them before it hashes. */
function sample() {
  const bytes = crypto.getRandomValues(new Uint8Array(new ArrayBuffer(LENGTH)));
  const padded = [0x00, 0x36, 0x5c].map((pad) => new Needle(bytes.map((byte) => byte ^ pad)));
  return { bytes, in: (memory) => count(padded, new Uint8Array(memory.buffer)) };
}

/** All windows of one secret, once. */
const ONCE = LENGTH - 16 + 1;

export const residueChecks = {
  "the search sees linear memory"({ SecretError, Secret, memory }) {
    const secret = Secret.random(1);
    secret.close();
    // This text is in the data section, so it is there however well the heap is wiped.
    const { message } = refused(SecretError, "closed", () => secret.length);
    const control = new Needle(new TextEncoder().encode(message));
    equal(control.count(new Uint8Array(memory.buffer)) > 0, true, "control string seen");
  },

  "a live secret is there once, and a closed one not at all"({ Secret, memory }) {
    const one = sample();
    const secret = Secret.fromBytes(one.bytes);
    equal(isZero(one.bytes), true);
    equal(one.in(memory), ONCE);
    secret.close();
    equal(one.in(memory), 0);
  },

  "accesses leave nothing behind"({ Secret, memory }) {
    const one = sample();
    const secret = Secret.fromBytes(one.bytes);
    const copy = new Uint8Array(LENGTH);
    secret.withBytes((bytes) => bytes[0]);
    secret.copyInto(copy);
    const tag = secret.hmacSha256(new Uint8Array(1000));
    secret.verifyHmacSha256(new Uint8Array(1000), tag);
    equal(one.in(memory), ONCE);
    secret.close();
    equal(one.in(memory), 0);
  },

  "a key shorter than a hash block leaves nothing behind"({ Secret, memory }) {
    const key = crypto.getRandomValues(new Uint8Array(32));
    const needles = [0x00, 0x36, 0x5c].map((pad) => new Needle(key.map((byte) => byte ^ pad)));
    const secret = Secret.fromBytes(key);
    const tag = secret.hmacSha256(new Uint8Array(200));
    secret.verifyHmacSha256(new Uint8Array(200), tag);
    equal(count(needles, new Uint8Array(memory.buffer)), 32 - 16 + 1);
    secret.close();
    equal(count(needles, new Uint8Array(memory.buffer)), 0);
  },

  "replace leaves nothing of what was before"({ Secret, memory }) {
    const [one, two] = [sample(), sample()];
    const secret = Secret.fromBytes(one.bytes);
    secret.withBytes(() => secret.replace(two.bytes));
    equal(one.in(memory), 0);
    equal(two.in(memory), ONCE);
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
    (() => equal(Secret.fromBytes(one.bytes).length, LENGTH))();
    equal(one.in(memory), ONCE);
    for (let turn = 0; turn < 100 && one.in(memory) > 0; turn++) {
      collectGarbage();
      await new Promise((resolve) => setTimeout(resolve));
    }
    equal(one.in(memory), 0);
  },
};
