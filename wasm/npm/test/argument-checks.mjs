// What arguments may be, and what is said of those that are something else. As in checks.mjs, nothing here is
// of Node or of a page.

import { equal, isZero, refused, same, thrown } from "./assert.mjs";
import { isMessage, takersOfBytes } from "./hostile-uses.mjs";
import { sample } from "./residue-checks.mjs";

const ALGORITHM = "aes256-gcm";
const none = new Uint8Array(0);
const text = (string) => new TextEncoder().encode(string);

/** Other things that bytes may come in, with these in them. */
const CONTAINERS = {
  "an ArrayBuffer": (bytes) => bytes.slice().buffer,
  "a DataView": (bytes) => new DataView(bytes.slice().buffer),
  "a DataView of a part": (bytes) => {
    const whole = new Uint8Array(bytes.length + 8).fill(7);
    whole.set(bytes, 5);
    return new DataView(whole.buffer, 5, bytes.length);
  },
};

/** Of every length in UTF-8, and what has none. */
const STRINGS = ["", "message", "Käse", "€ 3", "\u{1f512} key", "\u{10ffff}\uffff\u07ff\u0800", "\ud800", "a\udc00b", "\ud83d\ud83d\udd12", "\0"];

/** What a call gives, or why it fails. */
function outcomeOf(take, argument) {
  try {
    const outcome = take(argument);
    return outcome instanceof Uint8Array ? outcome.length : typeof outcome;
  } catch (error) {
    return error.code ?? error.message;
  }
}

export const argumentChecks = {
  "bytes may come in other containers, everywhere"({ Secret }) {
    const key = Secret.fromBytes(new Uint8Array(32).fill(1));
    const bytes = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
    for (const [container, contained] of Object.entries(CONTAINERS)) {
      for (const [name, take] of Object.entries(takersOfBytes(Secret, key))) {
        equal(outcomeOf(take, contained(bytes)), outcomeOf(take, bytes.slice()), `${name} in ${container}`);
        if (name === "replace, bytes") key.replace(new Uint8Array(32).fill(1));
      }
      equal(same(key.hmacSha256(contained(bytes)), key.hmacSha256(bytes)), true, container);
    }
  },

  "sources in other containers are wiped, and nothing around them"({ Secret }) {
    const bytes = new Uint8Array(32).fill(3);
    for (const [container, contained] of Object.entries(CONTAINERS)) {
      const source = contained(bytes);
      const secret = Secret.fromBytes(source);
      const whole = new Uint8Array(source.buffer ?? source);
      equal(secret.withBytes((copy) => same(copy, bytes)), true, container);
      equal(whole.includes(3), false, container);
      equal(whole.filter((byte) => byte === 7).length, whole.length - 32, container);
      const target = contained(new Uint8Array(32));
      equal(secret.copyInto(target), 32);
      equal(new Uint8Array(target.buffer ?? target).filter((byte) => byte === 3).length, 32, container);
    }
  },

  "other containers whose bytes are not there are a TypeError"({ Secret }) {
    const key = Secret.random(32);
    for (const [container, contained] of Object.entries(CONTAINERS)) {
      const gone = contained(new Uint8Array(32));
      structuredClone(0, { transfer: [gone.buffer ?? gone] });
      for (const [name, take] of Object.entries(takersOfBytes(Secret, key))) {
        const error = thrown(TypeError, () => take(gone));
        equal(error.message.includes("not there"), true, `${name} in ${container}: ${error.message}`);
      }
    }
  },

  "a message may be a string, which stands for its UTF-8"({ Secret }) {
    const key = Secret.random(32);
    for (const string of STRINGS) {
      const what = JSON.stringify(string);
      const [bytes, tag] = [text(string), key.hmacSha256(string)];
      equal(same(tag, key.hmacSha256(bytes)), true, what);
      equal(key.verifyHmacSha256(string, tag) && !key.verifyHmacSha256(`${string}.`, tag), true, what);
      equal(same(key.open(ALGORITHM, key.seal(ALGORITHM, string, string), bytes), bytes), true, what);
      const signature = key.signEd25519(string);
      equal(Secret.verifyEd25519(key.ed25519PublicKey(), bytes, signature), true, what);
    }
    const long = STRINGS.join("").repeat(20_000);
    equal(same(key.hmacSha512(long), key.hmacSha512(text(long))), true);
  },

  "strings leave nothing behind in linear memory, whether the call succeeds or fails"({ Secret, SecretError, memory }) {
    const letters = new Uint8Array(77).map(() => 97 + Math.floor(Math.random() * 26));
    const one = sample(letters);
    const string = String.fromCharCode(...letters);
    const [key, short] = [Secret.random(32), Secret.random(31)];
    key.seal(ALGORITHM, string, string);
    key.hmacSha256(string);
    key.signEd25519(string);
    equal(one.in(memory), 0);
    refused(SecretError, "wrong-size", () => short.seal(ALGORITHM, string));
    refused(SecretError, "too-large", () => key.seal(ALGORITHM, string, new Uint8Array((16 << 20) + 1)));
    equal(one.in(memory), 0);
    // The control: these letters are what is looked for.
    const control = Secret.fromBytes(letters);
    equal(one.in(memory), one.once);
    control.close();
  },

  "a string that is too long in UTF-8 is refused"({ Secret, SecretError }) {
    const key = Secret.random(32);
    refused(SecretError, "too-large", () => key.hmacSha256("€".repeat((16 << 20) / 3 + 1)));
    equal(key.hmacSha256("€".repeat((16 << 20) / 3)).length, 32);
  },

  "what is no message is no string"({ Secret }) {
    const key = Secret.random(32);
    for (const [name, take] of Object.entries(takersOfBytes(Secret, key))) {
      if (isMessage(name)) continue;
      const error = thrown(TypeError, () => take("secret text"));
      equal(error.message.includes("not a string; of a string, pass new TextEncoder().encode(string)"), true, name);
      equal(error.message.includes("secret text"), false, name);
    }
  },

  "an error says which argument is wrong, as it is called, and what it is"({ Secret }) {
    const key = Secret.random(32);
    const wrong = [
      [undefined, "undefined"],
      [null, "null"],
      [8, "a number"],
      [{}, "an object"],
      [[1], "an array"],
      [new Uint16Array(4), "a Uint16Array"],
      [new Int8Array(4), "an Int8Array"],
      [() => {}, "a function"],
      [Symbol("secret"), "a symbol"],
    ];
    for (const [name, take] of Object.entries(takersOfBytes(Secret, key))) {
      const [, argument] = name.split(", ");
      for (const [value, words] of wrong) {
        // Then it isn't given.
        if (value === undefined && argument === "associatedData") continue;
        const { message } = thrown(TypeError, () => take(value));
        const kinds = `${isMessage(name) ? "a string, " : ""}a Uint8Array, an ArrayBuffer or a DataView`;
        equal(message, `\`${argument}\` must be ${kinds}, not ${words}`, name);
      }
    }
    const cost = { memoryKib: 8, passes: 1, lanes: 1 };
    const others = {
      "`callback` must be a function, not a string": () => key.withBytes("x"),
      "`other` must be a Secret, not undefined": () => key.equals(),
      "`secret` must be a Secret, not a Uint8Array": () => key.wrapAesKw(none),
      "`this` must be a Secret, not an object": () => key.close.call({}),
      "`length` must be a whole number of bytes, not -1": () => Secret.random(-1),
      "`length` must be a whole number of bytes, not a string": () => key.hkdfSha256(none, none, "32"),
      "`cost.passes` must be a whole number of 32 bits, not 1.5": () => key.argon2id(none, { ...cost, passes: 1.5 }, 8),
      "`cost.memoryKib` must be a whole number of 32 bits, not undefined": () => key.argon2id(none, undefined, 8),
      '`algorithm` must be "aes256-gcm", "chacha20-poly1305" or "xchacha20-poly1305", not another string': () => key.seal("AES-GCM", none),
    };
    for (const [message, use] of Object.entries(others)) equal(thrown(TypeError, use).message, message);
    equal(isZero(none), true);
  },
};
