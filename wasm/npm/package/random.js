// Random bytes from the platform. The function is taken once, at import, and isn't believed: what it
// did is looked at where the bytes are used (js/entropy.rs).

import { apply, defineProperty, set } from "./intrinsics.js";
import { SecretError } from "./error.js";
import { wipe, zeros } from "./bytes.js";

const source = globalThis.crypto;
const getRandomValues = source?.getRandomValues;

/** Web Crypto gives at most this many random bytes per call. */
const AT_ONCE = 65536;

/** As many are asked for at least: fewer zeros in a row may be chance. */
const AT_LEAST = 32;

/** At least `length` bytes, which the caller wipes. The source never sees linear memory, nor earlier bytes. */
export function randomBytes(length) {
  const total = length < AT_LEAST ? AT_LEAST : length;
  const bytes = zeros(total);
  try {
    for (let start = 0; start < total; start += AT_ONCE) {
      const rest = total - start;
      const chunk = drawn(rest < AT_ONCE ? rest : AT_ONCE);
      set(bytes, chunk, start);
      wipe(chunk);
    }
  } catch (cause) {
    wipe(bytes);
    throw new SecretError("random", "the platform's crypto.getRandomValues gives no random bytes", { cause });
  }
  return bytes;
}

function drawn(length) {
  const chunk = zeros(length);
  // Node's getRandomValues is itself JavaScript, and asks what it is given for this one property, by which it
  // decides how much it fills. Unless it is the chunk's own, it is of a prototype, which others may patch.
  defineProperty(chunk, "byteLength", { __proto__: null, value: length });
  apply(getRandomValues, source, [chunk]);
  return chunk;
}
