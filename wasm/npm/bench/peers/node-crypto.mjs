// node:crypto, OpenSSL in C, on key objects.

import crypto from "node:crypto";

import { COST, INFO, KEY, MESSAGE, SALT, joined, nonce } from "../workload.mjs";

export const name = "node:crypto";

const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

export function operations() {
  const key = crypto.createSecretKey(KEY);
  const seal = (cipher) => () => {
    const fresh = nonce(12);
    const sealing = crypto.createCipheriv(cipher, key, fresh, { authTagLength: 16 });
    const ciphertext = sealing.update(MESSAGE);
    sealing.final();
    return joined(fresh, ciphertext, sealing.getAuthTag());
  };
  const sealed = seal("aes-256-gcm")();
  const open = () => {
    const opening = crypto.createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12));
    opening.setAuthTag(sealed.subarray(-16));
    const plaintext = opening.update(sealed.subarray(12, -16));
    opening.final();
    return plaintext;
  };
  const privateKey = crypto.createPrivateKey({
    key: Buffer.concat([PKCS8, KEY]),
    format: "der",
    type: "pkcs8",
  });
  const publicKey = crypto.createPublicKey(privateKey);
  const signature = crypto.sign(null, MESSAGE, privateKey);
  const { memoryKib: memory, passes, lanes: parallelism } = COST;
  const argon2 = { message: KEY, nonce: SALT, parallelism, tagLength: 32, memory, passes };
  return {
    "create + close": () => crypto.createSecretKey(KEY),
    "hmac-sha256, 1 KiB": () => crypto.createHmac("sha256", key).update(MESSAGE).digest(),
    "hmac-sha512, 1 KiB": () => crypto.createHmac("sha512", key).update(MESSAGE).digest(),
    "aes256-gcm seal, 1 KiB": seal("aes-256-gcm"),
    "aes256-gcm open, 1 KiB": open,
    "chacha20-poly1305 seal, 1 KiB": seal("chacha20-poly1305"),
    "ed25519 sign, 1 KiB": () => crypto.sign(null, MESSAGE, privateKey),
    "ed25519 verify, 1 KiB": () => crypto.verify(null, MESSAGE, publicKey, signature),
    "hkdf-sha256, 32 bytes": () => crypto.hkdfSync("sha256", key, SALT, INFO, 32),
    // Since Node 24.7.
    ...(crypto.argon2Sync && {
      "argon2id, 1 MiB, 1 pass": () => crypto.argon2Sync("argon2id", argon2),
    }),
  };
}
