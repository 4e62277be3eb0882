// The operations by handle: that they undo each other, and what they refuse. As in checks.mjs,
// nothing here is of Node or of a page.

import { equal, refused, same, thrown } from "./assert.mjs";

const MOST = 16 * 1024 * 1024;
const ALGORITHMS = ["aes256-gcm", "chacha20-poly1305", "xchacha20-poly1305"];
const CHEAP = { memoryKib: 256, passes: 2, lanes: 1 };

const text = (string) => new TextEncoder().encode(string);
const none = new Uint8Array(0);

/** Each operation that needs a key, called with sizes that it takes. */
const uses = (Secret) => {
  const sealed = (algorithm) => Secret.random(32).seal(algorithm, text("plaintext"));
  const wrapped = Secret.random(32).wrapAesKw(Secret.random(32));
  const other = Secret.random(32);
  return {
    equals: (key) => key.equals(other),
    "equals, the other way round": (key) => other.equals(key),
    hmacSha256: (key) => key.hmacSha256(none),
    hmacSha384: (key) => key.hmacSha384(none),
    verifyHmacSha384: (key) => key.verifyHmacSha384(none, none),
    hmacSha512: (key) => key.hmacSha512(none),
    verifyHmacSha512: (key) => key.verifyHmacSha512(none, none),
    seal: (key) => key.seal("aes256-gcm", none),
    open: (key) => key.open("aes256-gcm", sealed("aes256-gcm")),
    sealWithNonce: (key) => key.sealWithNonce("aes256-gcm", new Uint8Array(12), none),
    openWithNonce: (key) => key.openWithNonce("aes256-gcm", new Uint8Array(12), new Uint8Array(16)),
    hkdfSha256: (key) => key.hkdfSha256(none, none, 32),
    argon2id: (key) => key.argon2id(new Uint8Array(16), CHEAP, 32),
    signEd25519: (key) => key.signEd25519(none),
    ed25519PublicKey: (key) => key.ed25519PublicKey(),
    wrapAead: (key) => key.wrapAead("aes256-gcm", other),
    "wrapAead, what is wrapped": (key) => other.wrapAead("aes256-gcm", key),
    unwrapAead: (key) => key.unwrapAead("aes256-gcm", sealed("aes256-gcm")),
    wrapAesKw: (key) => key.wrapAesKw(other),
    "wrapAesKw, what is wrapped": (key) => other.wrapAesKw(key),
    unwrapAesKw: (key) => key.unwrapAesKw(wrapped),
  };
};

export const operationChecks = {
  "what one AEAD has sealed it opens, and nothing that was changed"({ Secret, SecretError }) {
    for (const algorithm of ALGORITHMS) {
      const [key, plaintext, data] = [Secret.random(32), text("plaintext"), text("data")];
      const sealed = key.seal(algorithm, plaintext, data);
      equal(same(key.open(algorithm, sealed, data), plaintext), true);
      equal(same(key.seal(algorithm, plaintext, data), sealed), false, "another nonce each time");
      equal(key.open(algorithm, key.seal(algorithm, none)).length, 0);
      for (let at = 0; at < sealed.length; at++) {
        const forged = sealed.slice();
        forged[at] ^= 0x10;
        refused(SecretError, "not-authentic", () => key.open(algorithm, forged, data));
        refused(SecretError, "not-authentic", () => key.unwrapAead(algorithm, forged, data));
      }
      refused(SecretError, "not-authentic", () => key.open(algorithm, sealed, text("other data")));
      refused(SecretError, "not-authentic", () => Secret.random(32).open(algorithm, sealed, data));
      refused(SecretError, "wrong-size", () => key.open(algorithm, sealed.subarray(0, 20), data));
      refused(SecretError, "wrong-size", () => Secret.random(31).seal(algorithm, plaintext));
      refused(SecretError, "wrong-size", () => key.sealWithNonce(algorithm, none, plaintext));
    }
  },

  "HKDF-SHA256 derives as much as its standard allows"({ Secret, SecretError }) {
    const key = Secret.random(32);
    equal(key.hkdfSha256(none, none, 8160).withBytes((bytes) => bytes.length), 8160);
    refused(SecretError, "too-large", () => key.hkdfSha256(none, none, 8161));
    refused(SecretError, "empty", () => key.hkdfSha256(none, none, 0));
  },

  "Argon2id has a bounded cost"({ Secret, SecretError }) {
    const password = Secret.fromBytes(text("password"));
    const derive = (cost, salt = text("somesalt"), length = 32) =>
      password.argon2id(salt, { ...CHEAP, ...cost }, length);
    for (const cost of [{ memoryKib: 131073 }, { memoryKib: 0xffffffff }, { passes: 9 }, { lanes: 17 }]) {
      refused(SecretError, "too-costly", () => derive(cost));
    }
    for (const cost of [{ memoryKib: 7 }, { passes: 0 }, { lanes: 0 }]) {
      refused(SecretError, "wrong-size", () => derive(cost));
    }
    refused(SecretError, "wrong-size", () => derive({}, text("short")));
    refused(SecretError, "wrong-size", () => derive({}, text("somesalt"), 3));
    for (const wrong of ["2", -1, 1.5, 2 ** 32, NaN, null, undefined]) {
      thrown(TypeError, () => derive({ passes: wrong }));
    }
    for (const wrong of [undefined, null, 3]) {
      thrown(TypeError, () => password.argon2id(text("somesalt"), wrong, 32));
    }
  },

  "Ed25519 takes keys of 32 bytes"({ Secret, SecretError }) {
    const message = text("message");
    const signature = Secret.random(32).signEd25519(message);
    refused(SecretError, "wrong-size", () => Secret.verifyEd25519(none, message, signature));
    refused(SecretError, "wrong-size", () => Secret.random(31).signEd25519(message));
    refused(SecretError, "wrong-size", () => Secret.random(33).ed25519PublicKey());
  },

  "an Ed25519 signature is the same however many there have been"({ Secret }) {
    // What is made to be faster from then on is there by the last.
    const seed = Secret.random(32);
    const first = seed.signEd25519(none);
    equal(Secret.verifyEd25519(seed.ed25519PublicKey(), none, first), true);
    for (let time = 0; time < 100; time++) equal(same(seed.signEd25519(none), first), true);
    seed.close();
  },

  "AES key wrap gives back what it wrapped, and nothing that was changed"({ Secret, SecretError }) {
    const [key, secret] = [Secret.random(32), Secret.random(32)];
    const wrapped = key.wrapAesKw(secret);
    equal(key.unwrapAesKw(wrapped).equals(secret), true);
    wrapped[0] ^= 1;
    refused(SecretError, "not-authentic", () => key.unwrapAesKw(wrapped));
    refused(SecretError, "wrong-size", () => key.unwrapAesKw(wrapped.subarray(1)));
    refused(SecretError, "wrong-size", () => key.wrapAesKw(Secret.random(15)));
    refused(SecretError, "wrong-size", () => Secret.random(16).wrapAesKw(key));
  },

  "a wrapped secret comes back, under the same data only"({ Secret, SecretError }) {
    for (const algorithm of ALGORITHMS) {
      const [key, secret] = [Secret.random(32), Secret.random(77)];
      const wrapped = key.wrapAead(algorithm, secret, text("data"));
      equal(key.unwrapAead(algorithm, wrapped, text("data")).equals(secret), true);
      refused(SecretError, "not-authentic", () => key.unwrapAead(algorithm, wrapped));
    }
  },

  "secrets are equal if their bytes are"({ Secret }) {
    const one = Secret.fromBytes(text("the same"));
    equal(one.equals(one), true);
    equal(one.equals(Secret.fromBytes(text("the same"))), true);
    equal(one.equals(Secret.fromBytes(text("the sane"))), false);
    equal(one.equals(Secret.fromBytes(text("the"))), false);
  },

  "passwords are of their alphabet"({ Secret, SecretError }) {
    const password = Secret.password(text("abcdef"), 1000);
    password.withBytes((bytes) => {
      equal(bytes.length, 1000);
      equal(new Set(bytes).size, 6);
      equal(bytes.every((byte) => "abcdef".includes(String.fromCharCode(byte))), true);
    });
    for (const alphabet of ["", "a", "aba"]) {
      refused(SecretError, "wrong-size", () => Secret.password(text(alphabet), 10));
    }
    refused(SecretError, "empty", () => Secret.password(text("ab"), 0));
    refused(SecretError, "too-large", () => Secret.password(text("ab"), MOST + 1));
    thrown(TypeError, () => Secret.password("ab", 10));
    thrown(TypeError, () => Secret.password(text("ab"), "10"));
  },

  "after close no operation works"({ Secret, SecretError }) {
    for (const [name, use] of Object.entries(uses(Secret))) {
      const key = Secret.random(32);
      try {
        use(key);
      } catch (error) {
        // Random keys don't open what another sealed; it is the only way to fail before the end.
        equal(error.code, "not-authentic", name);
      }
      key.close();
      refused(SecretError, "closed", () => use(key));
    }
  },

  "operations refuse arguments of another type and inputs that are too long"({ Secret, SecretError }) {
    const key = Secret.random(32);
    const tooLong = new Uint8Array(MOST + 1);
    const takesBytes = [
      (bytes) => key.hmacSha384(bytes),
      (bytes) => key.verifyHmacSha384(none, bytes),
      (bytes) => key.hmacSha512(bytes),
      (bytes) => key.verifyHmacSha512(none, bytes),
      (bytes) => key.seal("aes256-gcm", bytes),
      (bytes) => key.seal("aes256-gcm", none, bytes),
      (bytes) => key.open("aes256-gcm", bytes),
      (bytes) => key.sealWithNonce("aes256-gcm", bytes, none),
      (bytes) => key.openWithNonce("aes256-gcm", new Uint8Array(12), bytes),
      (bytes) => key.hkdfSha256(bytes, none, 32),
      (bytes) => key.hkdfSha256(none, bytes, 32),
      (bytes) => key.argon2id(bytes, CHEAP, 32),
      (bytes) => key.signEd25519(bytes),
      (bytes) => Secret.verifyEd25519(new Uint8Array(32), bytes, none),
      (bytes) => key.unwrapAead("aes256-gcm", bytes),
      (bytes) => key.unwrapAesKw(bytes),
      (bytes) => Secret.password(bytes, 8),
    ];
    for (const take of takesBytes) {
      refused(SecretError, "too-large", () => take(tooLong));
      for (const wrong of [8, null, [1, 2], {}, new Uint16Array(4)]) {
        thrown(TypeError, () => take(wrong));
      }
    }
    for (const wrong of ["AES256-GCM", "", 0, undefined, null, Symbol("aes256-gcm")]) {
      thrown(TypeError, () => key.seal(wrong, none));
      thrown(TypeError, () => key.wrapAead(wrong, key));
    }
    for (const wrong of [undefined, null, "secret", {}, new Uint8Array(32), Object.create(Secret)]) {
      thrown(TypeError, () => key.equals(wrong));
      thrown(TypeError, () => key.wrapAead("aes256-gcm", wrong));
      thrown(TypeError, () => key.wrapAesKw(wrong));
    }
    equal(key.byteLength, 32);
  },
};
