// Random bytes from the platform. The function is taken once, at import, and isn't believed: what it
// did is looked at where the bytes are used (js/entropy.rs).

import { ArrayBuffer, Uint8Array, apply, freeze, lengthOf, set } from "./intrinsics.js";
import { SecretError } from "./error.js";
import { wipe, zeros } from "./bytes.js";

const source = globalThis.crypto;
const getRandomValues = source?.getRandomValues;

/** Web Crypto gives at most this many random bytes per call. */
const AT_ONCE = 65536;

/** As many are asked for at least: fewer zeros in a row may be chance. */
const AT_LEAST = 32;

/**
 * What the source fills. Node's getRandomValues is itself JavaScript, which asks what it is given for this one
 * property, and decides by it how much it fills: so it is one that nobody can patch.
 */
class Chunk extends Uint8Array {
  constructor(length) {
    super(new ArrayBuffer(length));
  }

  get byteLength() {
    return lengthOf(this);
  }
}
// Whoever is shown a chunk is shown its class.
freeze(Chunk.prototype);
freeze(Chunk);

/** At least `length` bytes, which the caller wipes. The source never sees linear memory, nor earlier bytes. */
export function randomBytes(length) {
  const total = length < AT_LEAST ? AT_LEAST : length;
  if (total <= AT_ONCE) return drawn(total);
  const bytes = zeros(total);
  try {
    for (let start = 0; start < total; start += AT_ONCE) {
      const rest = total - start;
      const chunk = drawn(rest < AT_ONCE ? rest : AT_ONCE);
      set(bytes, chunk, start);
      wipe(chunk);
    }
  } catch (error) {
    wipe(bytes);
    throw error;
  }
  return bytes;
}

function drawn(length) {
  const chunk = new Chunk(length);
  try {
    apply(getRandomValues, source, [chunk]);
  } catch (cause) {
    wipe(chunk);
    throw new SecretError("random", "the platform's crypto.getRandomValues gives no random bytes", { cause });
  }
  return chunk;
}
