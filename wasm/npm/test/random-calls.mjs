// Calls in any order with any arguments, beside a model: what each secret's bytes should be, and what Node's own
// OpenSSL makes of them. A seed says which calls; what fails names it.

import assert from "node:assert/strict";
import crypto from "node:crypto";

import { LONGEST } from "../package/bytes.js";

const ALGORITHMS = { "aes256-gcm": [12, "aes-256-gcm"], "chacha20-poly1305": [12, "chacha20-poly1305"], "xchacha20-poly1305": [24] };
const HASHES = { hmacSha256: "sha256", hmacSha384: "sha384", hmacSha512: "sha512" };
const ENCODINGS = ["hex", "base64", "base64url"];
/** Of keys, nonces, tags and signatures, and around them. */
const SIZES = [0, 1, 4, 8, 12, 15, 16, 24, 28, 31, 32, 33, 40, 48, 56, 64, 65, 200];
const MOST_SECRETS = 12;
const CALLS = 150;
const concat = (...parts) => Uint8Array.from(Buffer.concat(parts));

/** Numbers below `below`, the same for the same seed: Mulberry32, by Tommy Ettinger (public domain). */
function randomNumbers(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Makes the calls that `seed` says, and throws where the package does something else than the model. */
export function randomCalls({ Secret, SecretError }, seed) {
  const numbers = randomNumbers(seed);
  const calls = new Calls(Secret, SecretError, numbers);
  try {
    for (let call = 0; call < CALLS; call++) calls.one();
    for (const kept of calls.secrets) calls.assertWhole(kept);
  } catch (error) {
    throw new Error(`seed ${seed}, after ${calls.made.join(", ")}: ${error.message}`, { cause: error });
  } finally {
    for (const { secret } of calls.secrets) secret.close();
  }
}

class Calls {
  /** Secrets, and what their bytes are; none once they have been closed. */
  secrets = [];
  /** What was sealed or wrapped: by whom, and what is in it. */
  sealed = [];
  made = [];

  constructor(Secret, SecretError, below) {
    Object.assign(this, { Secret, SecretError, below });
    for (let i = 0; i < 3; i++) this.keep(Secret.fromBytes(new Uint8Array(32).fill(i)), new Uint8Array(32).fill(i));
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  bytes(length = this.pick(SIZES)) {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** Bytes in one of the containers that they may come in, sometimes none, sometimes too many. */
  argument(bytes = this.bytes()) {
    const whole = () => concat(this.bytes(3), bytes, this.bytes(5)).buffer;
    switch (this.below(40)) {
      case 0:
        return { value: this.pick(HOSTILE)(this), wrong: true };
      case 1:
        return { value: new Uint8Array(LONGEST + 1), bytes: { length: LONGEST + 1 } };
      case 2:
        return { value: concat(bytes).buffer, bytes };
      case 3:
        return { value: new DataView(whole(), 3, bytes.length), bytes };
      case 4:
        return { value: Buffer.from(bytes), bytes };
      case 5:
        return { value: new Uint8Array(whole(), 3, bytes.length), bytes };
      default:
        return { value: bytes.slice(), bytes };
    }
  }

  /** The same of what may be a string as well. */
  message(bytes) {
    if (bytes === undefined && this.below(6) === 0) {
      const value = this.pick(["", "text", "K\u00e4se \u{1f512}", "\ud800", "a\0b"]);
      return { value, bytes: new TextEncoder().encode(value) };
    }
    const argument = this.argument(bytes);
    return typeof argument.value === "string" ? this.message(bytes) : argument;
  }

  /** A number of bytes, at times no such thing. */
  length() {
    if (this.below(20) > 0) return { value: this.below(80) };
    if (this.below(2) > 0) return { value: this.pick([LONGEST + 1, Number.MAX_SAFE_INTEGER]) };
    return { value: this.pick([-1, 1.5, NaN, Infinity, 2 ** 53, "8", null, undefined, 8n, {}, new Number(8)]), wrong: true };
  }

  algorithm() {
    if (this.below(40) > 0) return { value: this.pick(Object.keys(ALGORITHMS)) };
    return { value: this.pick(["AES256-GCM", "", "toString", 0, null, undefined, {}]), wrong: true };
  }

  keep(secret, bytes) {
    if (this.secrets.length >= MOST_SECRETS) {
      const [gone] = this.secrets.splice(this.below(MOST_SECRETS), 1);
      gone.secret.close();
      gone.bytes = undefined;
    }
    this.secrets.push({ secret, bytes });
  }

  assertWhole({ secret, bytes }) {
    assert.equal(secret.isClosed, bytes === undefined);
    const is = this.outcome(() => secret.withBytes((copy) => copy.slice()));
    if (bytes === undefined) assert.equal(is.code, "closed");
    else assert.deepEqual(is.value, bytes);
  }

  outcome(call) {
    try {
      return { value: call() };
    } catch (error) {
      if (error instanceof this.SecretError) return { code: error.code };
      if (error instanceof TypeError) return { code: "TypeError" };
      throw error;
    }
  }

  /**
   * What `call` gives, if nothing stands against it: each of `refusals` is a code and whether it is due. If several
   * are, it is one of them. A wrong argument is noticed before everything else.
   */
  expect(call, args, refusals) {
    const { value, code } = this.outcome(call);
    const wrong = args.some((argument) => argument.wrong);
    const long = args.some(({ bytes }) => bytes?.length > LONGEST);
    const due = Object.entries({ ...refusals, "too-large": long || refusals["too-large"] });
    const codes = wrong ? ["TypeError"] : due.filter(([, is]) => is).map(([code]) => code);
    if (codes.length === 0) assert.equal(code, undefined);
    else assert.ok(codes.includes(code), `${code ?? "no error"} instead of ${codes.join(" or ")}`);
    return value;
  }

  one() {
    const name = this.pick(Object.keys(CALLS_BY_NAME));
    this.made.push(name);
    const kept = this.pick(this.secrets);
    CALLS_BY_NAME[name](this, kept, kept.bytes === undefined);
    this.assertWhole(kept);
  }
}

/** What is no bytes: each is made anew, as a call might change it. */
const HOSTILE = [
  () => undefined,
  () => null,
  () => 7,
  () => 7n,
  () => "text",
  () => Symbol("bytes"),
  () => [1, 2, 3],
  () => ({ length: 3, 0: 1 }),
  () => () => {},
  () => new Uint16Array(4),
  () => new Uint8ClampedArray(4),
  () => new Proxy(new Uint8Array(4), {}),
  () => Object.create(Uint8Array.prototype),
  () => Object.setPrototypeOf([1], Uint8Array.prototype),
  ({ Secret }) => Object.create(Secret.prototype),
  () => {
    const gone = new Uint8Array(4);
    structuredClone(0, { transfer: [gone.buffer] });
    return gone;
  },
];

/** What is no secret. */
const NO_SECRETS = [
  () => undefined,
  () => ({}),
  () => new Uint8Array(32),
  ({ Secret }) => Object.create(Secret.prototype),
  ({ Secret }) => new Proxy(Secret.fromBytes(Uint8Array.of(1)), {}),
];

function other(calls) {
  if (calls.below(30) === 0) return { value: calls.pick(NO_SECRETS)(calls), wrong: true };
  const { secret, bytes } = calls.pick(calls.secrets);
  return { value: secret, of: bytes };
}

/** Whether a source is overwritten if, and only if, it was taken. */
function assertTaken({ value, bytes, wrong }, taken) {
  if (wrong || bytes.length > LONGEST) return;
  const now = value instanceof ArrayBuffer ? new Uint8Array(value) : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  assert.ok(now.every((byte, i) => byte === (taken ? 0 : bytes[i])), "what was taken is wiped, and nothing else");
}

function opensslSeal(name, key, nonce, plaintext, data) {
  const cipher = crypto.createCipheriv(name, key, nonce, { authTagLength: 16 });
  cipher.setAAD(data, { plaintextLength: plaintext.length });
  return concat(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
}

/** An Ed25519 key of Node's: what comes before the 32 bytes in PKCS #8 is always the same. */
const edKey = (seed) =>
  crypto.createPrivateKey({ key: concat(Buffer.from("302e020100300506032b657004220420", "hex"), seed), format: "der", type: "pkcs8" });

/** What each call is given, and what it should do. `k` is one of the secrets. */
const CALLS_BY_NAME = {
  fromBytes(calls) {
    const source = calls.argument();
    const secret = calls.expect(() => calls.Secret.fromBytes(source.value), [source], { empty: source.bytes?.length === 0 });
    assertTaken(source, secret !== undefined);
    if (secret) calls.keep(secret, source.bytes);
  },

  fromEncoded(calls) {
    const [encoding, bytes] = [calls.pick(ENCODINGS), calls.bytes()];
    const malformed = calls.below(4) === 0;
    const text = calls.argument(concat(Buffer.from(Buffer.from(bytes).toString(encoding) + (malformed ? "!" : ""))));
    const due = { empty: !malformed && bytes.length === 0, malformed };
    const secret = calls.expect(() => calls.Secret.fromEncoded(encoding, text.value), [text], due);
    assertTaken(text, secret !== undefined);
    if (secret) calls.keep(secret, bytes);
  },

  random(calls) {
    const length = calls.length();
    const due = { empty: length.value === 0, "too-large": length.value > LONGEST };
    const secret = calls.expect(() => calls.Secret.random(length.value), [length], due);
    if (!secret) return;
    assert.equal(secret.byteLength, length.value);
    calls.keep(secret, secret.withBytes((bytes) => bytes.slice()));
  },

  password(calls) {
    const [letters, length] = [calls.argument(), calls.length()];
    const { bytes } = letters;
    const due = {
      "wrong-size": bytes && (bytes.length < 2 || bytes.length > LONGEST || bytes.length > new Set(bytes).size),
      empty: length.value === 0,
      "too-large": length.value > 4096,
    };
    const secret = calls.expect(() => calls.Secret.password(letters.value, length.value), [letters, length], due);
    if (!secret) return;
    assert.ok(secret.withBytes((password) => password.length === length.value && password.every((byte) => bytes.includes(byte))));
    calls.keep(secret, secret.withBytes((password) => password.slice()));
  },

  replace(calls, k, closed) {
    const source = calls.argument();
    const due = { closed, empty: source.bytes?.length === 0 };
    calls.expect(() => k.secret.replace(source.value), [source], due);
    const taken = !source.wrong && !closed && source.bytes.length > 0 && source.bytes.length <= LONGEST;
    assertTaken(source, taken);
    if (taken) k.bytes = source.bytes;
  },

  close(calls, k) {
    k.secret.close();
    k.bytes = undefined;
    // Keys are few enough.
    if (calls.secrets.every(({ bytes }) => bytes === undefined)) calls.keep(calls.Secret.fromBytes(new Uint8Array(32)), new Uint8Array(32));
  },

  copyInto(calls, k, closed) {
    const target = calls.argument(calls.bytes(calls.below(300)));
    const due = { closed, "buffer-too-small": target.bytes?.length < k.bytes?.length };
    // It may be as long as it likes.
    if (target.bytes?.length > LONGEST) target.bytes = undefined;
    const length = calls.expect(() => k.secret.copyInto(target.value), [target], due);
    if (length !== undefined) assert.equal(length, k.bytes.length);
  },

  byteLength(calls, k, closed) {
    assert.equal(calls.expect(() => k.secret.byteLength, [], { closed }), k.bytes?.length);
  },

  equals(calls, k, closed) {
    const { value, of, wrong } = other(calls);
    const due = { closed: closed || of === undefined };
    const equal = calls.expect(() => k.secret.equals(value), [{ wrong }], due);
    if (equal !== undefined) assert.equal(equal, Buffer.compare(k.bytes, of) === 0);
  },

  withEncoded(calls, k, closed) {
    const encoding = calls.pick(ENCODINGS);
    const text = calls.expect(() => k.secret.withEncoded(encoding, (text) => Buffer.from(text).toString("latin1")), [], { closed });
    if (text !== undefined) assert.equal(text, Buffer.from(k.bytes).toString(encoding));
  },

  hmac(calls, k, closed) {
    const [method, hash] = calls.pick(Object.entries(HASHES));
    const message = calls.message();
    const tag = calls.expect(() => k.secret[method](message.value), [message], { closed });
    if (!tag) return;
    assert.deepEqual(tag, concat(crypto.createHmac(hash, k.bytes).update(message.bytes).digest()));
    const verify = `verify${method[0].toUpperCase()}${method.slice(1)}`;
    const changed = tag.slice();
    changed[calls.below(tag.length)] ^= 1;
    assert.equal(k.secret[verify](message.value, tag), true);
    assert.equal(k.secret[verify](message.value, calls.pick([changed, tag.subarray(1), concat(tag, tag)])), false);
  },

  seal(calls, k, closed) {
    const [algorithm, plaintext, data] = [calls.algorithm(), calls.message(), calls.message()];
    const due = { closed, "wrong-size": k.bytes?.length !== 32 };
    // What isn't given is nothing.
    if (data.value === undefined) Object.assign(data, { wrong: false, bytes: new Uint8Array(0) });
    const sealed = calls.expect(() => k.secret.seal(algorithm.value, plaintext.value, data.value), [algorithm, plaintext, data], due);
    if (!sealed) return;
    const [length, openssl] = ALGORITHMS[algorithm.value];
    const nonce = sealed.subarray(0, length);
    if (openssl) assert.deepEqual(sealed.subarray(length), opensslSeal(openssl, k.bytes, nonce, plaintext.bytes, data.bytes));
    assert.deepEqual(k.secret.open(algorithm.value, sealed, data.bytes), plaintext.bytes);
    assert.deepEqual(k.secret.openWithNonce(algorithm.value, nonce, sealed.subarray(length), data.bytes), plaintext.bytes);
    calls.sealed.push({ algorithm, sealed, data: data.bytes, key: k.bytes, plaintext: plaintext.bytes });
  },

  sealWithNonce(calls, k, closed) {
    const [algorithm, plaintext, nonce] = [calls.algorithm(), calls.message(), calls.argument()];
    const length = ALGORITHMS[algorithm.value]?.[0];
    const due = { closed, "wrong-size": k.bytes?.length !== 32 || nonce.bytes?.length !== length };
    const call = () => k.secret.sealWithNonce(algorithm.value, nonce.value, plaintext.value);
    const sealed = calls.expect(call, [algorithm, plaintext, nonce], due);
    if (sealed) assert.deepEqual(k.secret.openWithNonce(algorithm.value, nonce.value, sealed), plaintext.bytes);
  },

  open(calls, k, closed) {
    const { algorithm, sealed, data, key, plaintext } = calls.pick(calls.sealed) ?? {};
    if (sealed === undefined) return;
    const changed = sealed.slice(0, calls.below(3) > 0 ? sealed.length : calls.below(sealed.length));
    const bit = calls.below(4);
    if (bit === 0 && changed.length > 0) changed[calls.below(changed.length)] ^= 1 << calls.below(8);
    const content = calls.argument(changed);
    const same = !closed && Buffer.compare(k.bytes, key) === 0 && Buffer.compare(changed, sealed) === 0;
    const due = {
      closed,
      "wrong-size": !closed && (k.bytes.length !== 32 || changed.length < sealed.length - plaintext.length),
      "not-authentic": !same,
    };
    if (calls.below(2) > 0) {
      const opened = calls.expect(() => k.secret.open(algorithm.value, content.value, data), [content], due);
      if (opened) assert.deepEqual(opened, plaintext);
    } else {
      due.empty = plaintext.length === 0 || changed.length <= sealed.length - plaintext.length;
      const secret = calls.expect(() => k.secret.unwrapAead(algorithm.value, content.value, data), [content], due);
      if (secret) calls.keep(secret, plaintext);
    }
  },

  hkdf(calls, k, closed) {
    const [salt, info, length] = [calls.argument(), calls.argument(), calls.length()];
    const due = { closed, empty: length.value === 0, "too-large": length.value > 8160 };
    const secret = calls.expect(() => k.secret.hkdfSha256(salt.value, info.value, length.value), [salt, info, length], due);
    if (secret) calls.keep(secret, new Uint8Array(crypto.hkdfSync("sha256", k.bytes, salt.bytes, info.bytes, length.value)));
  },

  argon2id(calls, k, closed) {
    const [salt, length] = [calls.argument(), calls.length()];
    const figure = () => (calls.below(12) > 0 ? 1 + calls.below(2) : calls.pick([0, 2 ** 32 - 1]));
    const cost = { memoryKib: 8 * figure(), passes: figure(), lanes: figure() };
    const { memoryKib, passes, lanes } = cost;
    const no = calls.below(12) === 0;
    if (no) cost[calls.pick(Object.keys(cost))] = calls.pick([-1, 1.5, 2 ** 32, "8", undefined, null]);
    const wrong = no || Object.values(cost).some((figure) => figure > 2 ** 32 - 1);
    const due = {
      closed,
      "wrong-size": salt.bytes?.length < 8 || length.value < 4 || passes === 0 || lanes === 0 || memoryKib < 8 * lanes,
      empty: length.value === 0,
      "too-large": length.value > LONGEST,
      "too-costly": memoryKib > 131_072 || passes > 8 || lanes > 16,
    };
    const call = () => k.secret.argon2id(salt.value, cost, length.value);
    const secret = calls.expect(call, [salt, length, { wrong }], due);
    if (!secret) return;
    const bytes = secret.withBytes((copy) => copy.slice());
    const again = call();
    assert.ok(again.equals(secret));
    again.close();
    assert.equal(bytes.length, length.value);
    calls.keep(secret, bytes);
  },

  sign(calls, k, closed) {
    const message = calls.message();
    const due = { closed, "wrong-size": k.bytes?.length !== 32 };
    const signature = calls.expect(() => k.secret.signEd25519(message.value), [message], due);
    if (!signature) return;
    const key = edKey(k.bytes);
    assert.deepEqual(signature, concat(crypto.sign(null, message.bytes, key)));
    const publicKey = k.secret.ed25519PublicKey();
    assert.deepEqual(publicKey, concat(crypto.createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32)));
    assert.equal(calls.Secret.verifyEd25519(publicKey, message.value, signature), true);
    signature[calls.below(64)] ^= 1 << calls.below(8);
    assert.equal(calls.Secret.verifyEd25519(publicKey, message.value, signature), false);
  },

  verifyEd25519(calls) {
    const [key, message, signature] = [calls.argument(), calls.message(), calls.argument()];
    const due = { "wrong-size": key.bytes?.length !== 32 };
    const call = () => calls.Secret.verifyEd25519(key.value, message.value, signature.value);
    const verified = calls.expect(call, [key, message, signature], due);
    if (verified !== undefined) assert.equal(verified, false);
  },

  wrapAead(calls, k, closed) {
    const [algorithm, wrapped] = [calls.algorithm(), other(calls)];
    const due = { closed: closed || (!wrapped.wrong && wrapped.of === undefined), "wrong-size": k.bytes?.length !== 32 };
    const sealed = calls.expect(() => k.secret.wrapAead(algorithm.value, wrapped.value), [algorithm, wrapped], due);
    if (!sealed) return;
    const data = new Uint8Array(0);
    assert.deepEqual(k.secret.open(algorithm.value, sealed), wrapped.of);
    calls.sealed.push({ algorithm, sealed, data, key: k.bytes, plaintext: wrapped.of });
  },

  wrapAesKw(calls, k, closed) {
    const wrapped = other(calls);
    const length = wrapped.of?.length;
    const due = {
      closed: closed || (!wrapped.wrong && wrapped.of === undefined),
      "wrong-size": k.bytes?.length !== 32 || length < 16 || length % 8 !== 0,
    };
    const bytes = calls.expect(() => k.secret.wrapAesKw(wrapped.value), [wrapped], due);
    if (!bytes) return;
    const cipher = crypto.createCipheriv("id-aes256-wrap", k.bytes, Buffer.alloc(8, 0xa6));
    assert.deepEqual(bytes, concat(cipher.update(wrapped.of), cipher.final()));
    calls.keep(k.secret.unwrapAesKw(bytes), wrapped.of);
  },

  unwrapAesKw(calls, k, closed) {
    const wrapped = calls.argument();
    const length = wrapped.bytes?.length;
    const due = { closed, "wrong-size": k.bytes?.length !== 32 || length < 24 || length % 8 !== 0, "not-authentic": true };
    calls.expect(() => k.secret.unwrapAesKw(wrapped.value), [wrapped], due);
  },

  "a method of no secret"(calls, k) {
    const method = calls.pick(["close", "hmacSha256", "equals", "replace", "copyInto", "withBytes", "ed25519PublicKey"]);
    const receiver = calls.pick(NO_SECRETS)(calls);
    const call = () => k.secret[method].call(receiver, k.secret);
    assert.equal(calls.outcome(call).code, "TypeError");
  },
};
