// `@noble/hashes`, `@noble/ciphers` and `@noble/curves`: JavaScript alone, on keys that are ordinary bytes.

import { gcm } from "@noble/ciphers/aes.js";
import { chacha20poly1305, xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { argon2id } from "@noble/hashes/argon2.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";

import { COST, INFO, KEY, MESSAGE, SALT, joined, nonce } from "../workload.mjs";

export const name = "@noble/*";

export function operations() {
  const seal = (cipher, length) => () => {
    const fresh = nonce(length);
    return joined(fresh, cipher(KEY, fresh).encrypt(MESSAGE));
  };
  const fresh = nonce(12);
  const sealed = gcm(KEY, fresh).encrypt(MESSAGE);
  const publicKey = ed25519.getPublicKey(KEY);
  const signature = ed25519.sign(MESSAGE, KEY);
  const cost = { m: COST.memoryKib, t: COST.passes, p: COST.lanes, dkLen: 32 };
  return {
    "hmac-sha256, 1 KiB": () => hmac(sha256, KEY, MESSAGE),
    "hmac-sha512, 1 KiB": () => hmac(sha512, KEY, MESSAGE),
    "aes256-gcm seal, 1 KiB": seal(gcm, 12),
    "aes256-gcm open, 1 KiB": () => gcm(KEY, fresh).decrypt(sealed),
    "chacha20-poly1305 seal, 1 KiB": seal(chacha20poly1305, 12),
    "xchacha20-poly1305 seal, 1 KiB": seal(xchacha20poly1305, 24),
    "ed25519 sign, 1 KiB": () => ed25519.sign(MESSAGE, KEY),
    "ed25519 verify, 1 KiB": () => ed25519.verify(signature, MESSAGE, publicKey),
    "hkdf-sha256, 32 bytes": () => hkdf(sha256, KEY, SALT, INFO, 32),
    "argon2id, 1 MiB, 1 pass": () => argon2id(KEY, SALT, cost),
  };
}
