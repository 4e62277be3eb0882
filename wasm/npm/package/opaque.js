// What secrets are underneath: objects that nothing clones, reads like an array, or prints.

import { TypeError, freeze } from "./intrinsics.js";

/** What is shown wherever a secret would be printed. */
const REDACTED = "Secret([redacted])";

const members = freeze({
  // Typed arrays would be made of zeros.
  [Symbol.iterator]() {
    throw new TypeError("a Secret is not iterable; read it by withBytes or copyInto");
  },

  // In strings, this is shown.
  [Symbol.toStringTag]: "Secret",

  toJSON() {
    return REDACTED;
  },

  // For Node's console, which prints proxies and prototypes by this as well.
  [Symbol.for("nodejs.util.inspect.custom")]() {
    return REDACTED;
  },
});

/**
 * A class to extend, and a function to call with the prototype of what extends it.
 *
 * Cloning an object of a class would silently give an empty one. Nothing clones a generator: the
 * standard's structured clone fails with a DataCloneError. So its objects are generators.
 */
export function opaque() {
  function* uncloneable() {}
  function Opaque() {
    return uncloneable();
  }
  Opaque.prototype = members;
  const become = (prototype) => {
    uncloneable.prototype = prototype;
  };
  return { Opaque, become };
}
