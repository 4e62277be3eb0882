// Keys of Web Crypto, made of secrets, and the other way round. By a copy that is wiped: wrapping would show
// JavaScript no bytes, but leaves some in Node's memory that nobody wipes.

import { Promise, TypeError, Uint8Array, apply, defineProperty, lengthOf } from "./intrinsics.js";
import { wipe } from "./bytes.js";
import { described } from "./described.js";

const subtle = globalThis.crypto?.subtle;
const importKey = subtle?.importKey;
const exportKey = subtle?.exportKey;

/** A key of the platform's that can't be exported, made of `copy`, which is wiped. */
export async function imported(copy, algorithm, usages) {
  try {
    // As in random.js: Node's JavaScript asks for it.
    defineProperty(copy, "byteLength", { __proto__: null, value: lengthOf(copy) });
    return await asked(importKey, ["raw", copy, algorithm, false, usages]);
  } finally {
    wipe(copy);
  }
}

/** The bytes of a key of the platform's, which the caller wipes. */
export async function exported(key) {
  try {
    return new Uint8Array(await asked(exportKey, ["raw", key]));
  } catch (cause) {
    throw new TypeError(`\`key\` must be a CryptoKey that can be exported as raw bytes, not ${described(key)}`, { cause });
  }
}

/** The promise of a method, as its own, so that waiting for it asks no property that somebody may have patched. */
function asked(method, given) {
  if (subtle === undefined) {
    throw new TypeError("there is no crypto.subtle here; a page has it where it came by https, or from localhost");
  }
  return defineProperty(apply(method, subtle, given), "constructor", { __proto__: null, value: Promise });
}
