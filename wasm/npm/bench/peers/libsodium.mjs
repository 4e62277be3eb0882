// `libsodium-wrappers-sumo`: libsodium.js, C compiled to WebAssembly, on keys that are ordinary bytes.

import sodium from "libsodium-wrappers-sumo";

import { COST, KEY, MESSAGE, SALT, joined, nonce } from "../workload.mjs";

export const name = "libsodium.js";

export async function operations() {
  await sodium.ready;
  const seal = (encrypt, length) => () => {
    const fresh = nonce(length);
    return joined(fresh, encrypt(MESSAGE, null, null, fresh, KEY));
  };
  const { publicKey, privateKey } = sodium.crypto_sign_seed_keypair(KEY);
  const signature = sodium.crypto_sign_detached(MESSAGE, privateKey);
  const argon2 = () =>
    sodium.crypto_pwhash(
      32,
      KEY,
      SALT,
      COST.passes,
      COST.memoryKib * 1024,
      sodium.crypto_pwhash_ALG_ARGON2ID13,
    );
  return {
    "hmac-sha256, 1 KiB": () => sodium.crypto_auth_hmacsha256(MESSAGE, KEY),
    "chacha20-poly1305 seal, 1 KiB": seal(sodium.crypto_aead_chacha20poly1305_ietf_encrypt, 12),
    "xchacha20-poly1305 seal, 1 KiB": seal(sodium.crypto_aead_xchacha20poly1305_ietf_encrypt, 24),
    "ed25519 sign, 1 KiB": () => sodium.crypto_sign_detached(MESSAGE, privateKey),
    "ed25519 verify, 1 KiB": () => sodium.crypto_sign_verify_detached(signature, MESSAGE, publicKey),
    "argon2id, 1 MiB, 1 pass": argon2,
  };
}
