// Bytes outside linear memory: those of arguments, and copies that are handed out.

import { ArrayBuffer, TypeError, Uint8Array, fill, keys, kindOf, lengthOf } from "./intrinsics.js";

/** For arguments that weren't given. */
export const NONE = new Uint8Array(0);

/** The length of `value`, which must be a Uint8Array whose bytes are there. */
export function byteCount(value) {
  if (kindOf(value) !== "Uint8Array") {
    const found = value === null ? "null" : (kindOf(value) ?? typeof value);
    throw new TypeError(`strongroom takes bytes as a Uint8Array, not as ${found}`);
  }
  const length = lengthOf(value);
  // One whose buffer was transferred away, or shrank, says 0 like an empty one.
  if (length === 0 && value !== NONE) checked(keys, value);
  return length;
}

/** Refuses a Uint8Array that can't be overwritten. */
export function checkWritable(bytes) {
  byteCount(bytes);
  checked(fillNothing, bytes);
}

function fillNothing(bytes) {
  fill(bytes, 0, 0, 0);
}

function checked(use, bytes) {
  try {
    use(bytes);
  } catch (cause) {
    throw new TypeError(
      "the bytes of this Uint8Array are not there: its buffer was transferred, has shrunk, or is read-only",
      { cause },
    );
  }
}

/**
 * Zeros outside linear memory. They get a buffer of their own, because the elements of a small array
 * without one are moved by the garbage collector, which leaves copies behind.
 */
export function zeros(length) {
  return new Uint8Array(new ArrayBuffer(length));
}

export function wipe(bytes) {
  fill(bytes, 0);
}
