/// <reference lib="esnext.disposable" />

export { Secret } from "./bindings.js";
export { type Code, SecretError } from "./error.js";
export type { AeadAlgorithm, Argon2Cost } from "./options.js";
