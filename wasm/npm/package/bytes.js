// Bytes outside linear memory: those of arguments, and copies that are handed out.

import {
  ArrayBuffer,
  TypeError,
  Uint8Array,
  bufferLengthOf,
  dataViewBufferOf,
  dataViewLengthOf,
  dataViewOffsetOf,
  fill,
  isView,
  keys,
  kindOf,
  lengthOf,
} from "./intrinsics.js";
import { described } from "./described.js";

/** For arguments that weren't given. */
export const NONE = new Uint8Array(0);

/** The most bytes that the core takes at once. It says so itself; here it tells what isn't worth beginning. */
export const LONGEST = 16 * 1024 * 1024;

/** What `bytesOf` takes, in words. */
const KINDS = "a Uint8Array, an ArrayBuffer or a DataView";

/** The argument called `name` as a Uint8Array over the same bytes, which are there. */
export function bytesOf(value, name, kinds = KINDS) {
  const bytes = kindOf(value) === "Uint8Array" ? value : viewOf(value, name, kinds);
  // One whose buffer was transferred away, or shrank, says 0 like an empty one.
  if (lengthOf(bytes) === 0 && bytes !== NONE) present(name, keys, bytes);
  return bytes;
}

/** The same of an argument that is a message: a string is one as well, and stays one. */
export function messageOf(value, name) {
  return typeof value === "string" ? value : bytesOf(value, name, `a string, ${KINDS}`);
}

/** The same of an argument that is overwritten, which not all bytes can be. */
export function writableOf(value, name) {
  const bytes = bytesOf(value, name);
  present(name, fillNothing, bytes);
  return bytes;
}

function viewOf(value, name, kinds) {
  if (isView(value) && kindOf(value) === undefined) return present(name, viewOfDataView, value);
  if (isArrayBuffer(value)) return present(name, viewOfBuffer, value);
  const remedy = typeof value === "string" ? "; of a string, pass new TextEncoder().encode(string)" : "";
  throw new TypeError(`\`${name}\` must be ${kinds}, not ${described(value)}${remedy}`);
}

function isArrayBuffer(value) {
  try {
    bufferLengthOf(value);
    return true;
  } catch {
    return false;
  }
}

const viewOfBuffer = (buffer) => new Uint8Array(buffer);

const viewOfDataView = (view) =>
  new Uint8Array(dataViewBufferOf(view), dataViewOffsetOf(view), dataViewLengthOf(view));

function fillNothing(bytes) {
  fill(bytes, 0, 0, 0);
}

/** What `use` gives of `bytes`, which fails where they aren't there. */
function present(name, use, bytes) {
  try {
    return use(bytes);
  } catch (cause) {
    throw new TypeError(
      `the bytes of \`${name}\` are not there: its buffer was transferred, has shrunk, or is read-only`,
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
