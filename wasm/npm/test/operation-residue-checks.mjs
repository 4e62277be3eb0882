// Linear memory holds no 8-byte window of what the operations by handle have worked with.

import { equal, isZero } from "./assert.mjs";
import { fromHex } from "./hex.mjs";
import { sample } from "./residue-checks.mjs";

const ALGORITHMS = ["aes256-gcm", "chacha20-poly1305", "xchacha20-poly1305"];
const none = new Uint8Array(0);

export const operationResidueChecks = {
  "keys leave nothing behind, whatever they are used for"({ Secret, memory }) {
    const sealed = new Uint8Array(60);
    const other = Secret.random(32);
    const uses = {
      equals: (key) => key.equals(other),
      hmacSha384: (key) => key.hmacSha384(sealed),
      hmacSha512: (key) => key.hmacSha512(sealed),
      ...Object.fromEntries(
        ALGORITHMS.map((algorithm) => [algorithm, (key) => key.open(algorithm, key.seal(algorithm, sealed))]),
      ),
      hkdfSha256: (key) => key.hkdfSha256(sealed, sealed, 32).close(),
      argon2id: (key) => key.argon2id(sealed, { memoryKib: 256, passes: 1, lanes: 2 }, 32).close(),
      signEd25519: (key) => key.signEd25519(sealed),
      ed25519PublicKey: (key) => key.ed25519PublicKey(),
      wrapAead: (key) => key.unwrapAead("aes256-gcm", key.wrapAead("aes256-gcm", other)).close(),
      "wrapAead, what is wrapped": (key) => other.wrapAead("aes256-gcm", key),
      wrapAesKw: (key) => key.unwrapAesKw(key.wrapAesKw(other)).close(),
      "wrapAesKw, what is wrapped": (key) => other.wrapAesKw(key),
    };
    for (const [name, use] of Object.entries(uses)) {
      const one = sample(32);
      const key = Secret.fromBytes(one.bytes);
      use(key);
      equal(one.in(memory), one.once, `${name}, while the key is open`);
      key.close();
      equal(one.in(memory), 0, `${name}, after its end`);
    }
  },

  async "signing leaves nothing behind of what Ed25519 makes of its seed"({ Secret, memory }) {
    const { bytes } = sample(32);
    // RFC 8032, section 5.1.5; the bits that are set and cleared are in the outermost bytes.
    const expanded = sample(new Uint8Array(await crypto.subtle.digest("SHA-512", bytes)));
    const seed = Secret.fromBytes(bytes);
    seed.signEd25519(none);
    seed.ed25519PublicKey();
    equal(expanded.in(memory), 0);
    const control = Secret.fromBytes(expanded.bytes);
    equal(expanded.in(memory), expanded.once);
    control.close();
  },

  "a public key is kept as long as its seed, and no longer"({ Secret, memory }) {
    const end = { close: (seed) => seed.close(), replace: (seed) => seed.replace(sample(32).bytes) };
    for (const [name, change] of Object.entries(end)) {
      // RFC 8032, section 7.1, test 1: asking for it would leave it on the stack, where what is public may be.
      const bytes = fromHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
      const publicKey = sample(fromHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
      const seed = Secret.fromBytes(bytes);
      equal(publicKey.in(memory), 0, `${name}, before`);
      seed.signEd25519(none);
      equal(publicKey.in(memory), publicKey.once, `${name}, while it is noted`);
      change(seed);
      equal(publicKey.in(memory), 0, `${name}, after`);
      seed.close();
    }
  },

  "plaintexts leave nothing behind in linear memory, and can be wiped outside"({ Secret, memory }) {
    const key = Secret.random(32);
    for (const algorithm of ALGORITHMS) {
      const one = sample();
      const sealed = key.seal(algorithm, one.bytes);
      equal(one.in(memory), 0, `${algorithm}, sealed`);
      const opened = key.open(algorithm, sealed);
      equal(one.in(memory), 0, `${algorithm}, opened`);
      // What `fill` wipes is the copy itself, only if it has a buffer of its own.
      equal(opened.buffer.byteLength, opened.length);
      opened.fill(0);
      equal(isZero(opened), true);
    }
  },

  "unwrapped secrets are there once, and not at all after their end"({ Secret, memory }) {
    const key = Secret.random(32);
    const wrappings = {
      aead: (secret) => key.unwrapAead("chacha20-poly1305", key.wrapAead("chacha20-poly1305", secret)),
      "aes-kw": (secret) => key.unwrapAesKw(key.wrapAesKw(secret)),
    };
    for (const [name, wrapAndUnwrap] of Object.entries(wrappings)) {
      const one = sample(64);
      const secret = Secret.fromBytes(one.bytes);
      const back = wrapAndUnwrap(secret);
      equal(back.equals(secret), true, name);
      equal(one.in(memory), 2 * one.once, name);
      secret.close();
      equal(one.in(memory), one.once, name);
      back.close();
      equal(one.in(memory), 0, name);
    }
  },

  "derived secrets are there once, and not at all after their end"({ Secret, memory }) {
    const key = Secret.random(32);
    const derivations = {
      hkdf: () => key.hkdfSha256(none, none, 77),
      argon2id: () => key.argon2id(new Uint8Array(16), { memoryKib: 256, passes: 1, lanes: 1 }, 77),
    };
    for (const [name, derive] of Object.entries(derivations)) {
      const derived = derive();
      const one = derived.withBytes((bytes) => sample(bytes));
      equal(one.in(memory), one.once, name);
      derived.close();
      equal(one.in(memory), 0, name);
    }
  },
};
