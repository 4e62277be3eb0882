// What is asked of arguments that are neither bytes nor secrets; their types are in index.d.ts.

import { TypeError, defineProperty, isArray, isInteger, isSafeInteger } from "./intrinsics.js";
import { described } from "./described.js";

/** The number that the algorithm called `name` has in js/algorithm.rs. */
export function algorithmOf(name) {
  switch (name) {
    case "aes256-gcm":
      return 0;
    case "chacha20-poly1305":
      return 1;
    case "xchacha20-poly1305":
      return 2;
    default:
      throw new TypeError(
        `\`algorithm\` must be "aes256-gcm", "chacha20-poly1305" or "xchacha20-poly1305", not ${other(name)}`,
      );
  }
}

/** The number that the encoding called `name` has in js/encoding.rs. */
export function encodingOf(name) {
  switch (name) {
    case "hex":
      return 0;
    case "base64":
      return 1;
    case "base64url":
      return 2;
    default:
      throw new TypeError(`\`encoding\` must be "hex", "base64" or "base64url", not ${other(name)}`);
  }
}

/** What a handle may be used for, in the order of `uses` in wit/types.wit. */
const USES = ["mac", "verify", "seal", "open", "kdf", "sign", "wrap", "export", "reveal", "equals"];

/** The bits of `uses`, a list of names, of which each is looked at once. */
export function usesOf(uses) {
  if (!isArray(uses)) throw new TypeError(`\`uses\` must be an array of names, not ${described(uses)}`);
  const { length } = uses;
  // What only looks like an array may say anything.
  if (!isSafeInteger(length) || length > MOST_USES) {
    throw new TypeError(`\`uses\` must have at most ${MOST_USES} names`);
  }
  let bits = 0;
  for (let at = 0; at < length; at++) bits |= useOf(uses[at]);
  return bits;
}

/** The most names, of which some may be there twice. */
const MOST_USES = 64;

function useOf(name) {
  for (let bit = 0; bit < USES.length; bit++) if (USES[bit] === name) return 1 << bit;
  throw new TypeError(`\`uses\` must be names of uses as "mac" or "verify", not ${other(name)}`);
}

/** A list of the names of `uses`, which nobody else has. */
export function usesListed(uses) {
  const bits = usesOf(uses);
  const list = [];
  let count = 0;
  for (let bit = 0; bit < USES.length; bit++) {
    // Defined, since an assignment asks what arrays inherit.
    if (bits & (1 << bit)) defineProperty(list, count++, { __proto__: null, value: USES[bit], enumerable: true });
  }
  return list;
}

/** What a name is that isn't one of those; not what it says, since arguments that were swapped may be secret. */
function other(name) {
  return typeof name === "string" ? "another string" : described(name);
}

/** `value` as a length in bytes. */
export function asLength(value) {
  if (!isSafeInteger(value) || value < 0) {
    throw new TypeError(`\`length\` must be a whole number of bytes, not ${figured(value)}`);
  }
  return value;
}

/** The figures of an Argon2id's cost, each looked at once. */
export function costOf(cost) {
  return {
    memoryKib: figure(cost?.memoryKib, "memoryKib"),
    passes: figure(cost?.passes, "passes"),
    lanes: figure(cost?.lanes, "lanes"),
  };
}

function figure(value, name) {
  if (!isInteger(value) || value < 0 || value > 0xffffffff) {
    throw new TypeError(`\`cost.${name}\` must be a whole number of 32 bits, not ${figured(value)}`);
  }
  return value;
}

/** What was given for a figure, which is no secret. */
function figured(value) {
  return typeof value === "number" ? value : described(value);
}
