import { defineProperty, freeze, preventExtensions } from "./intrinsics.js";

/** What all copies of this package mark their errors with. */
const BRAND = Symbol.for("strongroom.SecretError");

/** Why strongroom refused something: `code` for programs, `message` for people. */
export class SecretError extends Error {
  // Fields and definitions, not assignments: a frozen `Error.prototype` forbids those.
  code;

  constructor(code, message, options) {
    super(message, options);
    this.code = code;
  }

  static is(error) {
    return typeof error === "object" && error !== null && error[BRAND] === true;
  }
}

const { prototype } = SecretError;
// As with the built-in errors: not an own property of each.
defineProperty(prototype, "name", { value: "SecretError", writable: true, configurable: true });
defineProperty(prototype, BRAND, { value: true });
// Builds that count bytes shorten it.
defineProperty(SecretError, "name", { value: "SecretError" });
// `super` is looked up at each call.
freeze(SecretError);
preventExtensions(prototype);
