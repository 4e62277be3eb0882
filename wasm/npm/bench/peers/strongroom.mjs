// The package itself.

import { COST, INFO, KEY, MESSAGE, SALT } from "../workload.mjs";

/** How the package is called, which is found elsewhere in each host. */
export function strongroom(Secret) {
  const key = () => Secret.fromBytes(KEY.slice());
  return {
    name: "strongroom",
    key,
    operations() {
      const own = key();
      const sealed = own.seal("aes256-gcm", MESSAGE);
      const publicKey = own.ed25519PublicKey();
      const signature = own.signEd25519(MESSAGE);
      // Its bytes are compared, so they are read, which the others don't have to.
      const read = (secret) => {
        const bytes = new Uint8Array(secret.byteLength);
        secret.copyInto(bytes);
        secret.close();
        return bytes;
      };
      return {
        "create + close": () => key().close(),
        "hmac-sha256, 1 KiB": () => own.hmacSha256(MESSAGE),
        "hmac-sha512, 1 KiB": () => own.hmacSha512(MESSAGE),
        "aes256-gcm seal, 1 KiB": () => own.seal("aes256-gcm", MESSAGE),
        "aes256-gcm open, 1 KiB": () => own.open("aes256-gcm", sealed),
        "chacha20-poly1305 seal, 1 KiB": () => own.seal("chacha20-poly1305", MESSAGE),
        "xchacha20-poly1305 seal, 1 KiB": () => own.seal("xchacha20-poly1305", MESSAGE),
        "ed25519 sign, 1 KiB": () => own.signEd25519(MESSAGE),
        "ed25519 verify, 1 KiB": () => Secret.verifyEd25519(publicKey, MESSAGE, signature),
        "hkdf-sha256, 32 bytes": () => read(own.hkdfSha256(SALT, INFO, 32)),
        "argon2id, 1 MiB, 1 pass": () => read(own.argon2id(SALT, COST, 32)),
      };
    },
  };
}
