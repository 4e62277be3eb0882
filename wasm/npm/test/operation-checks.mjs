// The operations by handle: against published vectors, and what they refuse. As in checks.mjs,
// nothing here is of Node or of a page.

import { equal, refused, same, thrown } from "./assert.mjs";
import { fromHex, hex } from "./hex.mjs";

const MOST = 16 * 1024 * 1024;
const ALGORITHMS = ["aes256-gcm", "chacha20-poly1305", "xchacha20-poly1305"];
const CHEAP = { memoryKib: 256, passes: 2, lanes: 1 };

const text = (string) => new TextEncoder().encode(string);
const none = new Uint8Array(0);
const reveal = (secret) => secret.withBytes(hex);

/** What RFC 8439 and the draft of XChaCha20-Poly1305 both encrypt. */
const SUNSCREEN = text(
  "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
);

const AEAD_VECTORS = [
  {
    // NIST's gcmEncryptExtIV256.rsp.
    algorithm: "aes256-gcm",
    key: "24501ad384e473963d476edcfe08205237acfd49b5b8f33857f8114e863fec7f",
    nonce: "9ff18563b978ec281b3f2794",
    data: "adb5ec720ccf9898500028bf34afccbcaca126ef",
    plaintext: fromHex(
      "27f348f9cdc0c5bd5e66b1ccb63ad920ff2219d14e8d631b3872265cf117ee86757accb158bd9abb3868fdc0d0b074b5f01b2c",
    ),
    ciphertext:
      "eb7cb754c824e8d96f7c6d9b76c7d26fb874ffbf1d65c6f64a698d839b0b06145dae82057ad55994cf59ad7f67c0fa5e85fab8",
    tag: "bc95c532fecc594c36d1550286a7a3f0",
  },
  {
    // RFC 8439, section 2.8.2.
    algorithm: "chacha20-poly1305",
    key: "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
    nonce: "070000004041424344454647",
    data: "50515253c0c1c2c3c4c5c6c7",
    plaintext: SUNSCREEN,
    ciphertext:
      "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b" +
      "1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc" +
      "3ff4def08e4b7a9de576d26586cec64b6116",
    tag: "1ae10b594f09e26a7e902ecbd0600691",
  },
  {
    // draft-irtf-cfrg-xchacha-03, appendix A.3.1.
    algorithm: "xchacha20-poly1305",
    key: "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
    nonce: "404142434445464748494a4b4c4d4e4f5051525354555657",
    data: "50515253c0c1c2c3c4c5c6c7",
    plaintext: SUNSCREEN,
    ciphertext:
      "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39" +
      "ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9" +
      "21f9664c97637da9768812f615c68b13b52e",
    tag: "c0875924c1c7987947deafd8780acf49",
  },
];

/** Each operation that needs a key, called with sizes that it takes. */
const uses = (Secret) => {
  const sealed = (algorithm) => Secret.random(32).seal(algorithm, text("plaintext"));
  const wrapped = Secret.random(32).wrapAesKw(Secret.random(32));
  const other = Secret.random(32);
  return {
    equals: (key) => key.equals(other),
    "equals, the other way round": (key) => other.equals(key),
    hmacSha256: (key) => key.hmacSha256(none),
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
  "HMAC-SHA512 tags are those of RFC 4231"({ Secret }) {
    const vectors = [
      [
        new Uint8Array(20).fill(0x0b),
        text("Hi There"),
        "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
      ],
      [
        text("Jefe"),
        text("what do ya want for nothing?"),
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
      ],
      [
        new Uint8Array(131).fill(0xaa),
        text("Test Using Larger Than Block-Size Key - Hash Key First"),
        "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
      ],
    ];
    for (const [key, message, expected] of vectors) {
      const secret = Secret.fromBytes(key);
      const tag = secret.hmacSha512(message);
      equal(hex(tag), expected);
      equal(secret.verifyHmacSha512(message, tag), true);
      tag[63] ^= 1;
      equal(secret.verifyHmacSha512(message, tag), false);
      equal(secret.verifyHmacSha512(message, tag.subarray(0, 32)), false);
    }
  },

  "AEADs are those of NIST, RFC 8439 and the draft of XChaCha"({ Secret, SecretError }) {
    for (const { algorithm, key, nonce, data, plaintext, ciphertext, tag } of AEAD_VECTORS) {
      const secret = Secret.fromBytes(fromHex(key));
      const [nonceBytes, dataBytes] = [fromHex(nonce), fromHex(data)];
      const sealed = secret.sealWithNonce(algorithm, nonceBytes, plaintext, dataBytes);
      equal(hex(sealed), ciphertext + tag, algorithm);
      const opened = secret.openWithNonce(algorithm, nonceBytes, sealed, dataBytes);
      equal(same(opened, plaintext), true, algorithm);
      const whole = fromHex(nonce + ciphertext + tag);
      equal(same(secret.open(algorithm, whole, dataBytes), plaintext), true, algorithm);
      equal(reveal(secret.unwrapAead(algorithm, whole, dataBytes)), hex(plaintext), algorithm);
      refused(SecretError, "not-authentic", () => secret.open(algorithm, whole));
    }
  },

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

  "HKDF-SHA256 is that of RFC 5869"({ Secret, SecretError }) {
    const key = Secret.fromBytes(new Uint8Array(22).fill(0x0b));
    const derived = key.hkdfSha256(fromHex("000102030405060708090a0b0c"), fromHex("f0f1f2f3f4f5f6f7f8f9"), 42);
    equal(
      reveal(derived),
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    );
    equal(
      reveal(key.hkdfSha256(none, none, 42)),
      "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    );
    refused(SecretError, "too-large", () => key.hkdfSha256(none, none, 8161));
    refused(SecretError, "empty", () => key.hkdfSha256(none, none, 0));
  },

  "Argon2id is that of the reference implementation, at a bounded cost"({ Secret, SecretError }) {
    const password = Secret.fromBytes(text("password"));
    equal(
      reveal(password.argon2id(text("somesalt"), CHEAP, 32)),
      "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe",
    );
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

  "Ed25519 is that of RFC 8032"({ Secret, SecretError }) {
    const seed = Secret.fromBytes(fromHex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"));
    const publicKey = seed.ed25519PublicKey();
    equal(hex(publicKey), "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
    const message = fromHex("af82");
    const signature = seed.signEd25519(message);
    equal(
      hex(signature),
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    );
    equal(Secret.verifyEd25519(publicKey, message, signature), true);
    equal(Secret.verifyEd25519(publicKey, none, signature), false);
    equal(Secret.verifyEd25519(publicKey, message, signature.subarray(1)), false);
    signature[0] ^= 1;
    equal(Secret.verifyEd25519(publicKey, message, signature), false);
    refused(SecretError, "wrong-size", () => Secret.verifyEd25519(none, message, signature));
    refused(SecretError, "wrong-size", () => Secret.random(31).signEd25519(message));
    refused(SecretError, "wrong-size", () => Secret.random(33).ed25519PublicKey());
  },

  "AES key wrap is that of RFC 3394"({ Secret, SecretError }) {
    const key = Secret.fromBytes(fromHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));
    const bytes = "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f";
    const wrapped = key.wrapAesKw(Secret.fromBytes(fromHex(bytes)));
    equal(hex(wrapped), "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21");
    equal(reveal(key.unwrapAesKw(wrapped)), bytes);
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
      for (const wrong of ["bytes", 8, null, [1, 2], {}, new Uint16Array(4)]) {
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
    equal(key.length, 32);
  },
};
