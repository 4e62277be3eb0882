import type { Argon2Cost } from "./options.js";

/** Why strongroom refused something: `code` for programs, `message` for people. */
export class SecretError extends Error {
  /** Why, in a word that doesn't change between versions. */
  readonly code: Code;
}

/** The values of {@link SecretError.code}. */
export type Code =
  /** The secret has been closed. */
  | "closed"
  /** A secret has at least one byte. */
  | "empty"
  /** More than 16 MiB. */
  | "too-large"
  /** The target of `copyInto` is shorter than the secret. */
  | "buffer-too-small"
  /** The bytes before the current ones are still in use. */
  | "busy"
  /** What was to be opened or unwrapped is not what was sealed, or not with this key, nonce or data. */
  | "not-authentic"
  /** A key or an argument has a size that the algorithm doesn't take; the message says which. */
  | "wrong-size"
  /** An {@link Argon2Cost} above what is allowed. */
  | "too-costly"
  /** WebAssembly memory can't grow any further. */
  | "out-of-memory"
  /** The platform has no random bytes to give. */
  | "random";
