// What the Rust side of the class asks of JavaScript. `slot` is a view of the secret's own place
// in linear memory: valid during the call only, and the one place the bytes are copied from or to.

// The getter sees through subclasses (Node's Buffer) and other realms, where `instanceof` fails.
const kindOf = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
).get;

/** The length of `value`, which must be a Uint8Array. */
export function lengthOf(value) {
  if (kindOf.call(value) !== "Uint8Array") {
    const found = value === null ? "null" : (kindOf.call(value) ?? typeof value);
    throw new TypeError(`strongroom takes bytes as a Uint8Array, not as ${found}`);
  }
  return value.length;
}

/** `value` as a length in bytes. */
export function asLength(value) {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new TypeError(`strongroom takes a length as a whole number of bytes, not as ${typeof value === "number" ? value : typeof value}`);
  }
  return value;
}

export function copyIn(source, slot) {
  slot.set(source);
}

/** Copies `slot` into `target`, unless it is too short, and returns how long `target` is. */
export function copyOut(slot, target) {
  const length = lengthOf(target);
  if (length >= slot.length) target.set(slot);
  return length;
}

export function wipe(bytes) {
  bytes.fill(0);
}

/** Web Crypto gives at most this many random bytes per call. */
const RANDOM_AT_ONCE = 65536;

export function fillRandom(slot) {
  for (let start = 0; start < slot.length; start += RANDOM_AT_ONCE) {
    crypto.getRandomValues(slot.subarray(start, start + RANDOM_AT_ONCE));
  }
}

/**
 * A copy of the secret outside linear memory. It gets a buffer of its own, because the elements of
 * a small array without one are moved by the garbage collector, which leaves copies behind.
 */
export function copyOf(slot) {
  const copy = new Uint8Array(new ArrayBuffer(slot.length));
  copy.set(slot);
  return copy;
}

/** Lends `copy` to `callback` and wipes it afterwards: when a promise it returned has settled. */
export function lend(copy, callback) {
  let lent = false;
  try {
    const result = callback(copy);
    if (typeof result?.then !== "function") return result;
    const settled = Promise.resolve(result).finally(() => wipe(copy));
    lent = true;
    return settled;
  } finally {
    if (!lent) wipe(copy);
  }
}
