// What the package promises, checked alike in Node and in a page: nothing here is of either.
//
// Each check gets `{ Secret, SecretError, memory, collectGarbage }`.

import { equal, isZero, refused, same, thrown } from "./assert.mjs";

/** Bytes that no other call gives, in memory that the garbage collector doesn't move. */
function fresh(length) {
  return crypto.getRandomValues(new Uint8Array(new ArrayBuffer(length)));
}

const MOST = 16 * 1024 * 1024;

export const checks = {
  "random secrets have their length and differ"({ Secret }) {
    const [one, two] = [Secret.random(32), Secret.random(32)];
    equal(one.byteLength, 32);
    one.withBytes((a) => two.withBytes((b) => equal(same(a, b), false)));
  },

  "random secrets are random to the end, past what Web Crypto gives at once"({ Secret }) {
    Secret.random(3 * 65536 + 5).withBytes((bytes) => {
      for (let at = 0; at < bytes.length; at += 16) {
        // Sixteen zeros in a row come up once in 2^128 times; the last few bytes are one run.
        const run = bytes.subarray(Math.min(at, bytes.length - 16)).subarray(0, 16);
        equal(isZero(run), false, `bytes ${at} and after`);
      }
    });
  },

  "fromBytes takes the content and wipes its source"({ Secret }) {
    for (const length of [1, 7, 8, 9, 31, 32, 33, 4095, 65536]) {
      const source = fresh(length);
      const expected = source.slice();
      const secret = Secret.fromBytes(source);
      equal(isZero(source), true, `${length} bytes wiped`);
      equal(secret.byteLength, length);
      secret.withBytes((bytes) => equal(same(bytes, expected), true, `${length} bytes kept`));
    }
  },

  "fromBytes wipes no byte outside its argument"({ Secret }) {
    const whole = new Uint8Array(64).fill(7);
    const secret = Secret.fromBytes(whole.subarray(16, 48));
    equal(secret.byteLength, 32);
    equal(isZero(whole.subarray(16, 48)), true);
    equal(whole.filter((byte) => byte === 7).length, 32);
  },

  "a refused source is left as it was"({ Secret, SecretError }) {
    refused(SecretError, "empty", () => Secret.fromBytes(new Uint8Array(0)));
    const tooLong = new Uint8Array(MOST + 1).fill(7);
    const error = refused(SecretError, "too-large", () => Secret.fromBytes(tooLong));
    equal(error.message.includes(String(MOST)), true, error.message);
    equal(tooLong.every((byte) => byte === 7), true);

    const secret = Secret.fromBytes(fresh(8));
    refused(SecretError, "too-large", () => secret.replace(tooLong));
    refused(SecretError, "empty", () => secret.replace(new Uint8Array(0)));
    equal(tooLong.every((byte) => byte === 7), true);
    equal(secret.byteLength, 8);
    secret.close();
    const late = new Uint8Array(8).fill(7);
    refused(SecretError, "closed", () => secret.replace(late));
    equal(late.every((byte) => byte === 7), true);
  },

  "lengths that no secret can have are refused"({ Secret, SecretError }) {
    refused(SecretError, "empty", () => Secret.random(0));
    // A conversion to 32 bits would make 32 of the second.
    for (const length of [MOST + 1, 2 ** 32 + 32, Number.MAX_SAFE_INTEGER]) {
      refused(SecretError, "too-large", () => Secret.random(length));
    }
  },

  "the largest secret works"({ Secret }) {
    const source = new Uint8Array(MOST).fill(3);
    const secret = Secret.fromBytes(source);
    equal(isZero(source), true);
    equal(secret.withBytes((bytes) => bytes.every((byte) => byte === 3)), true);
    secret.close();
  },

  "arguments of another type are a TypeError"({ Secret }) {
    const secret = Secret.random(8);
    const bytes = new Uint8Array(8);
    for (const wrong of ["secret", 8, null, undefined, [1, 2], {}, new Uint16Array(4)]) {
      thrown(TypeError, () => Secret.fromBytes(wrong));
      thrown(TypeError, () => secret.replace(wrong));
      thrown(TypeError, () => secret.copyInto(wrong));
      thrown(TypeError, () => secret.verifyHmacSha256(bytes, wrong));
      thrown(TypeError, () => secret.withBytes(wrong));
    }
    // Of a message, a string is right.
    for (const wrong of [8, null, undefined, [1, 2], {}, new Uint16Array(4)]) {
      thrown(TypeError, () => secret.hmacSha256(wrong));
      thrown(TypeError, () => secret.verifyHmacSha256(wrong, bytes));
    }
    for (const wrong of ["8", -1, 1.5, NaN, Infinity, null, undefined, 8n, [8]]) {
      thrown(TypeError, () => Secret.random(wrong));
    }
    equal(secret.byteLength, 8);
  },

  "withBytes returns its callback's result and wipes the copy"({ Secret }) {
    const secret = Secret.fromBytes(new Uint8Array([1, 2, 3]));
    let kept;
    const sum = secret.withBytes((bytes) => {
      kept = bytes;
      return bytes[0] + bytes[1] + bytes[2];
    });
    equal(sum, 6);
    equal(isZero(kept), true);
  },

  "withBytes passes on what its callback throws and wipes the copy"({ Secret }) {
    const secret = Secret.random(32);
    const exception = new Error("the callback's own");
    let kept;
    const error = thrown(Error, () =>
      secret.withBytes((bytes) => {
        kept = bytes;
        throw exception;
      }),
    );
    equal(error === exception, true);
    equal(isZero(kept), true);
    equal(secret.withBytes((bytes) => bytes.length), 32);
  },

  async "withBytes waits for a promise before it wipes the copy"({ Secret }) {
    const secret = Secret.random(32);
    let kept;
    const outcome = await secret.withBytes(async (bytes) => {
      kept = bytes;
      await undefined;
      return isZero(bytes);
    });
    equal(outcome, false);
    equal(isZero(kept), true);

    const exception = new Error("the callback's own");
    const rejected = secret.withBytes(async (bytes) => {
      kept = bytes;
      throw exception;
    });
    equal((await rejected.catch((error) => error)) === exception, true);
    equal(isZero(kept), true);
  },

  "a copy that was transferred away, and can't be wiped, is no silent matter"({ Secret }) {
    const secret = Secret.random(32);
    thrown(TypeError, () => secret.withBytes((bytes) => structuredClone(bytes, { transfer: [bytes.buffer] })));
    equal(secret.byteLength, 32);
  },

  "a callback may write to its copy; the secret stays as it is"({ Secret }) {
    const secret = Secret.fromBytes(new Uint8Array([1, 2, 3]));
    secret.withBytes((bytes) => {
      bytes.fill(9);
    });
    equal(secret.withBytes((bytes) => bytes.join()), "1,2,3");
  },

  "accesses nest"({ Secret }) {
    const secret = Secret.fromBytes(new Uint8Array([1, 2, 3]));
    const joined = secret.withBytes((a) => secret.withBytes((b) => `${a.join("")}${b.join("")}`));
    equal(joined, "123123");
  },

  "close inside withBytes leaves the copy and ends the secret"({ Secret, SecretError }) {
    const secret = Secret.fromBytes(new Uint8Array([1, 2, 3]));
    secret.withBytes((bytes) => {
      secret.close();
      equal(secret.isClosed, true);
      equal(bytes.join(), "1,2,3");
      refused(SecretError, "closed", () => secret.withBytes(() => {}));
    });
    refused(SecretError, "closed", () => secret.byteLength);
  },

  "replace inside withBytes leaves the copy and changes the secret"({ Secret }) {
    const secret = Secret.fromBytes(new Uint8Array([1, 2, 3]));
    secret.withBytes((bytes) => {
      secret.replace(new Uint8Array([4]));
      secret.replace(new Uint8Array([5, 6]));
      equal(bytes.join(), "1,2,3");
    });
    equal(secret.withBytes((bytes) => bytes.join()), "5,6");
  },

  "copyInto fills the front of its target"({ Secret, SecretError }) {
    const secret = Secret.fromBytes(new Uint8Array([1, 2, 3]));
    const target = new Uint8Array(5).fill(9);
    equal(secret.copyInto(target), 3);
    equal(target.join(), "1,2,3,9,9");
    const short = new Uint8Array(2).fill(9);
    refused(SecretError, "buffer-too-small", () => secret.copyInto(short));
    equal(short.join(), "9,9");
  },

  "replace gives new content of any length and wipes its source"({ Secret }) {
    const secret = Secret.random(32);
    for (const length of [1, 64, 5000, 16]) {
      const source = fresh(length);
      const expected = source.slice();
      secret.replace(source);
      equal(isZero(source), true);
      equal(secret.byteLength, length);
      secret.withBytes((bytes) => equal(same(bytes, expected), true));
    }
  },

  "close is final, and may be repeated"({ Secret, SecretError }) {
    const secret = Secret.random(32);
    equal(secret.isClosed, false);
    secret.close();
    secret.close();
    equal(secret.isClosed, true);
    const bytes = new Uint8Array(32);
    const uses = [
      () => secret.byteLength,
      () => secret.withBytes(() => equal("called", "not called")),
      () => secret.copyInto(bytes),
      () => secret.replace(new Uint8Array(1)),
      () => secret.hmacSha256(bytes),
      () => secret.verifyHmacSha256(bytes, bytes),
    ];
    for (const use of uses) refused(SecretError, "closed", use);
  },

  "disposing closes, and leaves an object that is safe to touch"({ Secret, SecretError }) {
    equal("free" in Secret.prototype, false);
    if (!Symbol.dispose) return;
    const secret = Secret.random(32);
    secret[Symbol.dispose]();
    secret[Symbol.dispose]();
    equal(secret.isClosed, true);
    refused(SecretError, "closed", () => secret.byteLength);
  },

  async "an asynchronous end is an end, and of another object a rejection"({ Secret }) {
    if (!Symbol.asyncDispose) return;
    const secret = Secret.random(32);
    equal(await secret[Symbol.asyncDispose](), undefined);
    equal(secret.isClosed, true);
    const error = await Secret.prototype[Symbol.asyncDispose].call({}).catch((error) => error);
    equal(error instanceof TypeError, true);
  },

  "printing a secret shows that it is one, and nothing else"({ Secret }) {
    const secret = Secret.fromBytes(new TextEncoder().encode("correct horse battery"));
    equal(JSON.stringify({ config: [secret] }), '{"config":["Secret([redacted])"]}');
    equal(`${secret}`, "[object Secret]");
    equal(String(secret) + secret, "[object Secret][object Secret]");
    equal(secret.toLocaleString(), "[object Secret]");
    // Whatever its state.
    secret.close();
    equal(JSON.stringify(secret), '"Secret([redacted])"');
  },

  "errors are errors, named, with a code and no bytes"({ Secret, SecretError }) {
    const secret = Secret.fromBytes(new TextEncoder().encode("correct horse battery"));
    const error = refused(SecretError, "buffer-too-small", () => secret.copyInto(new Uint8Array(3)));
    equal(error instanceof Error, true);
    equal(error.name, "SecretError");
    equal(`${error.message}${error.stack}`.includes("horse"), false);
  },

  "a wrong tag or message is not verified"({ Secret, SecretError }) {
    const secret = Secret.random(32);
    const message = fresh(100);
    const tag = secret.hmacSha256(message);
    for (let bit = 0; bit < 8 * tag.length; bit++) {
      const wrong = tag.slice();
      wrong[bit >> 3] ^= 1 << (bit & 7);
      equal(secret.verifyHmacSha256(message, wrong), false, `bit ${bit}`);
    }
    equal(secret.verifyHmacSha256(message.subarray(1), tag), false);
    equal(secret.verifyHmacSha256(message, tag.subarray(0, 31)), false);
    equal(secret.verifyHmacSha256(message, new Uint8Array(0)), false);
    equal(secret.verifyHmacSha256(message, tag), true);
    refused(SecretError, "too-large", () => secret.hmacSha256(new Uint8Array(MOST + 1)));
  },

  "secrets survive the growth of linear memory"({ Secret, memory }) {
    const source = fresh(32);
    const expected = source.slice();
    const secret = Secret.fromBytes(source);
    const before = memory.buffer.byteLength;
    const others = [];
    while (memory.buffer.byteLength === before) others.push(Secret.random(1 << 20));
    for (const other of others) other.close();
    secret.withBytes((bytes) => equal(same(bytes, expected), true));
  },

  "closed secrets give their memory back"({ Secret, memory }) {
    const round = () => {
      for (let i = 0; i < 64; i++) Secret.random(1 << 20).close();
    };
    round();
    const before = memory.buffer.byteLength;
    round();
    equal(memory.buffer.byteLength, before);
  },
};
