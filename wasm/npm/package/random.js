// Random bytes from the platform. The function is taken once, at import, and isn't believed: what it
// did is looked at where the bytes are used (js/entropy.rs).

import { ArrayBuffer, Uint8Array, apply } from "./intrinsics.js";
import { SecretError } from "./error.js";
import { wipe, zeros } from "./bytes.js";

const source = globalThis.crypto;
const getRandomValues = source?.getRandomValues;

/** Web Crypto gives at most this many random bytes per call. */
const AT_ONCE = 65536;

/** As many are asked for at least, and a multiple of 16: fewer zeros in a row may be chance. */
const AT_LEAST = 32;

/** At least `length` bytes, which the caller wipes. The source never sees linear memory. */
export function randomBytes(length) {
  const total = length < AT_LEAST ? AT_LEAST : length + (-length & 15);
  const buffer = new ArrayBuffer(total);
  const bytes = new Uint8Array(buffer);
  try {
    for (let start = 0; start < total; start += AT_ONCE) {
      const rest = total - start;
      apply(getRandomValues, source, [new Uint8Array(buffer, start, rest < AT_ONCE ? rest : AT_ONCE)]);
    }
  } catch (cause) {
    wipe(bytes);
    throw new SecretError("random", "the platform's crypto.getRandomValues gives no random bytes", { cause });
  }
  return bytes;
}
