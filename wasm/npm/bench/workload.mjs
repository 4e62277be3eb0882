// What is done, and what it is done with. Everybody gets the same bytes, and has to give the same.

const utf8 = new TextEncoder();
const bytes = (length) => Uint8Array.from({ length }, (_, place) => place);

export const KEY = bytes(32);
export const MESSAGE = new Uint8Array(1024).fill(0x5a);
export const SALT = bytes(16);
export const INFO = utf8.encode("info");
export const COST = { memoryKib: 1024, passes: 1, lanes: 1 };

/**
 * The operations, in the table's order. A peer has some of them, as functions without arguments that give
 * the result or a promise of it. How it sees that the others' results are its own, `same` says: equal
 * bytes, or one's ciphertext opened by the other. A nonce is new each time.
 */
export const OPERATIONS = {
  "create + close": { same: () => true },
  "hmac-sha256, 1 KiB": { same: equal },
  "hmac-sha512, 1 KiB": { same: equal },
  "aes256-gcm seal, 1 KiB": { same: opens("aes256-gcm") },
  "aes256-gcm open, 1 KiB": { same: equal },
  "chacha20-poly1305 seal, 1 KiB": { same: opens("chacha20-poly1305") },
  "xchacha20-poly1305 seal, 1 KiB": { same: opens("xchacha20-poly1305") },
  "ed25519 sign, 1 KiB": { same: equal },
  "ed25519 verify, 1 KiB": { same: equal },
  "hkdf-sha256, 32 bytes": { same: equal },
  "argon2id, 1 MiB, 1 pass": { same: equal },
};

/** Nonce, ciphertext and tag in one, as strongroom has them. */
export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

/** A new nonce. */
export const nonce = (length) => crypto.getRandomValues(new Uint8Array(length));

function equal(result, expected) {
  if (typeof result === "boolean") return result === expected;
  const [one, other] = [result, expected].map((bytes) => new Uint8Array(bytes));
  return one.length === other.length && one.every((byte, place) => byte === other[place]);
}

function opens(algorithm) {
  return (result, _, key) => equal(key.open(algorithm, new Uint8Array(result)), MESSAGE);
}
