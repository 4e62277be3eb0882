// What an argument is, in words, for errors. Nothing is looked up on it, and no content shown.

import { isArray, kindOf } from "./intrinsics.js";

/** `value` as in "must be bytes, not a string". */
export function described(value) {
  if (value === null) return "null";
  if (isArray(value)) return "an array";
  const kind = kindOf(value) ?? typeof value;
  switch (kind) {
    case "undefined":
      return kind;
    case "object":
    case "Int8Array":
    case "Int16Array":
    case "Int32Array":
      return `an ${kind}`;
    default:
      return `a ${kind}`;
  }
}
