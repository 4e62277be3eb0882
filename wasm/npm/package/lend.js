// Lending a copy to a callback, which may do anything.

import {
  Promise,
  TypeError,
  apply,
  arrayBufferOf,
  asyncIterator,
  dataViewBufferOf,
  defineProperty,
  isView,
  kindOf,
  lengthOf,
} from "./intrinsics.js";
import { wipe } from "./bytes.js";
import { described } from "./described.js";

/** Refuses what can't be called. */
export function checkCallback(callback) {
  if (typeof callback === "function") return;
  throw new TypeError(`\`callback\` must be a function, not ${described(callback)}`);
}

/** Calls `callback` with `copy`, and wipes that afterwards: when a promise it returned has settled. */
export function lend(copy, callback) {
  const length = lengthOf(copy);
  const buffer = arrayBufferOf(copy);
  let later = false;
  try {
    const result = callback(copy);
    // Looked up once: who says that it is a promise is asked no second time.
    const then = thenOf(result);
    if (typeof then === "function") {
      later = true;
      return settled(result, then, copy, length, buffer);
    }
    return finished(result, buffer);
  } finally {
    if (!later) takeBack(copy, length);
  }
}

async function settled(result, then, copy, length, buffer) {
  try {
    const promise = new Promise((resolve, reject) => apply(then, result, [resolve, reject]));
    // As its own, so that waiting for it asks no property that somebody may have patched.
    defineProperty(promise, "constructor", { __proto__: null, value: Promise });
    return finished(await promise, buffer);
  } finally {
    takeBack(copy, length);
  }
}

function takeBack(copy, length) {
  if (lengthOf(copy) !== length) {
    throw new TypeError("the copy was transferred away, where it can't be wiped");
  }
  wipe(copy);
}

const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";

function thenOf(result) {
  return isObject(result) ? result.then : undefined;
}

/** Whether it is an iterator, a generator or a stream. */
function isLazy({ next, getReader, [asyncIterator]: iterate }) {
  return typeof next === "function" || typeof getReader === "function" || typeof iterate === "function";
}

function bufferBehind(result) {
  if (!isView(result)) return result;
  return kindOf(result) === undefined ? dataViewBufferOf(result) : arrayBufferOf(result);
}

/** Refuses results that would read the copy, which is in `buffer`, later, when it is wiped. */
function finished(result, buffer) {
  if (isObject(result)) {
    if (bufferBehind(result) === buffer) {
      throw new TypeError("the copy itself, out of withBytes, would be zeros: return a copy of it, or use copyInto");
    }
    if (isLazy(result)) {
      throw new TypeError(
        "a generator, iterator or stream out of withBytes would read the copy after it is wiped; read it to its end inside",
      );
    }
  }
  return result;
}
