/** An algorithm for authenticated encryption; each takes a key of 32 bytes. */
export type AeadAlgorithm =
  /** AES-256 in Galois/counter mode (NIST SP 800-38D), with a nonce of 12 bytes. */
  | "aes256-gcm"
  /** ChaCha20 and Poly1305 (RFC 8439), with a nonce of 12 bytes. */
  | "chacha20-poly1305"
  /** ChaCha20 and Poly1305 with a nonce of 24 bytes (draft-irtf-cfrg-xchacha-03). */
  | "xchacha20-poly1305";

/**
 * What one Argon2id takes, so that guessing takes as much each time. RFC 9106 recommends 65,536 KiB,
 * 3 passes and 4 lanes where memory is scarce. More than 131,072 KiB, 8 passes or 16 lanes is refused
 * as `too-costly`.
 */
export interface Argon2Cost {
  /** Memory in KiB, at least 8 for each lane. WebAssembly memory that has grown stays so. */
  memoryKib: number;
  /** Passes over the memory, at least 1. */
  passes: number;
  /** Lanes, at least 1. They change the result; here they are computed one after another. */
  lanes: number;
}
