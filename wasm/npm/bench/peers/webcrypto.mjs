// WebCrypto, on keys that can't be taken out again. It is there in browsers and in Node, and gives promises.

import { INFO, KEY, MESSAGE, SALT, joined, nonce } from "../workload.mjs";

export const name = "WebCrypto";

const { subtle } = globalThis.crypto;

/** An Ed25519 seed in the frame that WebCrypto imports (RFC 8410). */
const PKCS8 = Uint8Array.from("302e020100300506032b657004220420".match(/../g), (hex) => parseInt(hex, 16));

export async function operations() {
  const hmacKey = (hash) => {
    return subtle.importKey("raw", KEY, { name: "HMAC", hash }, false, ["sign"]);
  };
  const [sha256, sha512] = [await hmacKey("SHA-256"), await hmacKey("SHA-512")];
  const aes = await subtle.importKey("raw", KEY, "AES-GCM", false, ["encrypt", "decrypt"]);
  const iv = nonce(12);
  const sealed = await subtle.encrypt({ name: "AES-GCM", iv }, aes, MESSAGE);
  const hkdf = await subtle.importKey("raw", KEY, "HKDF", false, ["deriveBits"]);
  const derived = { name: "HKDF", hash: "SHA-256", salt: SALT, info: INFO };
  return {
    "create + close": () => hmacKey("SHA-256"),
    "hmac-sha256, 1 KiB": () => subtle.sign("HMAC", sha256, MESSAGE),
    "hmac-sha512, 1 KiB": () => subtle.sign("HMAC", sha512, MESSAGE),
    "aes256-gcm seal, 1 KiB": async () => {
      const iv = nonce(12);
      return joined(iv, new Uint8Array(await subtle.encrypt({ name: "AES-GCM", iv }, aes, MESSAGE)));
    },
    "aes256-gcm open, 1 KiB": () => subtle.decrypt({ name: "AES-GCM", iv }, aes, sealed),
    "hkdf-sha256, 32 bytes": () => subtle.deriveBits(derived, hkdf, 256),
    ...(await signing()),
  };
}

/** Nothing where Ed25519 is newer than the host. */
async function signing() {
  let key;
  try {
    key = await subtle.importKey("pkcs8", joined(PKCS8, KEY), "Ed25519", true, ["sign"]);
  } catch {
    return {};
  }
  const { x } = await subtle.exportKey("jwk", key);
  const jwk = { kty: "OKP", crv: "Ed25519", x };
  const publicKey = await subtle.importKey("jwk", jwk, "Ed25519", false, ["verify"]);
  const signature = await subtle.sign("Ed25519", key, MESSAGE);
  return {
    "ed25519 sign, 1 KiB": () => subtle.sign("Ed25519", key, MESSAGE),
    "ed25519 verify, 1 KiB": () => subtle.verify("Ed25519", publicKey, signature, MESSAGE),
  };
}
