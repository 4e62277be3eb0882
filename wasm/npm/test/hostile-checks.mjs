// What the language, and code in it, can do to the package: by kind, each for every use or argument that
// it concerns. As in checks.mjs, nothing here is of Node or of a page.
//
// Besides what those get, each check gets `load()`, which imports a copy of the package of its own, and
// `binary(name)`, the bytes of one of its files.

import { equal, isZero, refused, rejected, same, thrown } from "./assert.mjs";
import { takersOfBytes, usesOf } from "./hostile-uses.mjs";
import { patched } from "./patched.mjs";
import { sample } from "./residue-checks.mjs";

const { apply } = Reflect;

/** Frames before the end of the stack from which on it is used. */
const LAST = 4000;

/**
 * Calls `use` from each of the last frames that the stack has room for, and gives what is thrown at its
 * end. `shift` frames of another size come first, so that the end is met at other places.
 */
function exhaust(use, shift) {
  let depth = 0;
  let current = () => {};
  const descend = (left) => {
    if (left > 0) return descend(left - 1);
    current();
    depth++;
    descend(0);
  };
  const begin = (left, next) => (left > 0 ? begin(left - 1, next) : descend(next));
  try {
    begin(shift, 0);
  } catch {
    let used = false;
    current = () => {
      use();
      used = true;
    };
    // Frames may be larger this time, as they are where the engine hasn't optimised: then from further up.
    for (let last = LAST; ; last *= 2) {
      try {
        begin(shift, Math.max(depth - last, 0));
      } catch (error) {
        if (used || last > depth) return error;
      }
    }
  }
}

/** What engine.js asks for, in frames. */
const HEADROOM = 12;

/** How often, at the end of the stack, a tag was left in the middle, if the call asked for `frames` before. */
function cutShort(module, frames) {
  let found = 0;
  for (let shift = 0; shift < 20; shift++) {
    const { exports: wasm } = new WebAssembly.Instance(module);
    const begin = wasm.__stack_pointer.value;
    const room = wasm.room(32, 0, 0);
    new Uint8Array(wasm.memory.buffer, room, 32).fill(1);
    wasm.from_bytes();
    wasm.hmac_sha512(1);
    exhaust(() => {
      // What was left in the middle once is of no use any more.
      if (wasm.__stack_pointer.value !== begin) return;
      if (frames > 0) wasm.headroom(frames);
      wasm.hmac_sha512(1);
    }, 3 * shift);
    if (wasm.__stack_pointer.value !== begin) found++;
  }
  return found;
}

const views = Object.getPrototypeOf(Uint8Array.prototype);

/** What a call might look up, and may not: all of it may have been replaced. */
const REPLACEABLE = [
  // Also what Node's getRandomValues, itself JavaScript, looks up on what it is given.
  ...["set", "fill", "subarray", "slice", "keys", "values", "length", "byteLength", "byteOffset", "buffer"].map((name) => [views, name]),
  [views, Symbol.iterator],
  [views, Symbol.toStringTag],
  [Object.getPrototypeOf(Uint8Array), Symbol.species],
  [ArrayBuffer, Symbol.species],
  ...["slice", "byteLength"].map((name) => [ArrayBuffer.prototype, name]),
  ...["indexOf", "includes", "join", "push", "map", "forEach", "slice", Symbol.iterator].map((name) => [Array.prototype, name]),
  [Object.getPrototypeOf([][Symbol.iterator]()), "next"],
  ...["call", "apply", "bind"].map((name) => [Function.prototype, name]),
  ...["apply", "construct", "get", "ownKeys"].map((name) => [Reflect, name]),
  ...["defineProperty", "getOwnPropertyDescriptor", "getPrototypeOf", "entries", "keys", "freeze"].map((name) => [Object, name]),
  ...["toString", "valueOf", "hasOwnProperty"].map((name) => [Object.prototype, name]),
  ...["then", "finally", "catch", "constructor"].map((name) => [Promise.prototype, name]),
  [Promise, "resolve"],
  [Promise, Symbol.species],
  ...["isInteger", "isSafeInteger"].map((name) => [Number, name]),
  ...["min", "max"].map((name) => [Math, name]),
  [JSON, "stringify"],
  [ArrayBuffer, "isView"],
  ...["buffer", "byteOffset", "byteLength"].map((name) => [DataView.prototype, name]),
  [Array, "isArray"],
  ...["add", "has", "delete", "forEach"].map((name) => [Set.prototype, name]),
  [String, "fromCharCode"],
  [String.prototype, "indexOf"],
  [String.prototype, "split"],
  ...["register", "unregister"].map((name) => [FinalizationRegistry.prototype, name]),
  ...["get", "set", "has"].map((name) => [WeakMap.prototype, name]),
  ...["get", "set", "has"].map((name) => [Map.prototype, name]),
  ...["Instance", "Module", "instantiate"].map((name) => [WebAssembly, name]),
  [WebAssembly.Memory.prototype, "buffer"],
  [WebAssembly.Global.prototype, "value"],
  [Object.getPrototypeOf(crypto), "getRandomValues"],
  [TextDecoder.prototype, "decode"],
  ...["encode", "encodeInto"].map((name) => [TextEncoder.prototype, name]),
  ...["charCodeAt", "codePointAt", Symbol.iterator].map((name) => [String.prototype, name]),
  ...["Uint8Array", "Uint32Array", "ArrayBuffer", "Promise", "Set", "TypeError", "Error", "crypto", "FinalizationRegistry"].map((name) => [globalThis, name]),
].filter(([object, name]) => Object.getOwnPropertyDescriptor(object, name)?.configurable);

/** The same property, which notes in `noted` that it was looked up or called, and then does as before. */
function noting([object, name], noted) {
  const descriptor = { ...Object.getOwnPropertyDescriptor(object, name) };
  const note = () => {
    noted[noted.length] = String(name);
  };
  if ("value" in descriptor && object === globalThis) {
    const { value } = descriptor;
    return [object, name, { configurable: true, get: () => (note(), value), set() {} }];
  }
  for (const part of ["value", "get", "set"]) {
    const original = descriptor[part];
    if (typeof original !== "function") continue;
    descriptor[part] = function (...args) {
      note();
      return new.target ? Reflect.construct(original, args, new.target) : apply(original, this, args);
    };
  }
  return [object, name, descriptor];
}

/** Sources of randomness that give none. */
const NOT_RANDOM = {
  "does nothing": (array) => array,
  "returns other bytes": (array) => new Uint8Array(array.length).fill(7),
  "fills the first half": (array) => array.fill(7, 0, array.length >> 1),
  "fills all but the end": (array) => array.fill(7, 0, array.length - 12),
  "fills all but something in between": (array) => array.fill(7).fill(0, 5, 17),
  "throws": () => {
    throw new Error("the source's own");
  },
  "is no function": undefined,
};

/** Where bytes are no longer there; undefined where the engine has no such thing. */
const GONE = {
  "transferred": () => {
    const bytes = new Uint8Array(32);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    return bytes;
  },
  "an empty one, transferred": () => {
    const bytes = new Uint8Array(new ArrayBuffer(8), 8);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    return bytes;
  },
  "beyond the end of a buffer that has shrunk": () => {
    if (!ArrayBuffer.prototype.resize) return undefined;
    const buffer = new ArrayBuffer(64, { maxByteLength: 64 });
    const bytes = new Uint8Array(buffer, 32, 32);
    buffer.resize(40);
    return bytes;
  },
  "behind the end of a buffer that has shrunk": () => {
    if (!ArrayBuffer.prototype.resize) return undefined;
    const buffer = new ArrayBuffer(64, { maxByteLength: 64 });
    const bytes = new Uint8Array(buffer, 32);
    buffer.resize(16);
    return bytes;
  },
};

/** A Uint8Array with its own ideas; `seen` gets what its methods are handed. */
function opinionated(content, seen) {
  const spy = function (...args) {
    seen.push(this, ...args);
  };
  class Mine extends Uint8Array {
    static get [Symbol.species]() {
      return class {
        constructor() {
          return new Uint8Array(1);
        }
      };
    }
    get [Symbol.toStringTag]() {
      return "Uint16Array";
    }
    get length() {
      return 2;
    }
    get byteLength() {
      return 2;
    }
    get buffer() {
      return new ArrayBuffer(2);
    }
  }
  for (const name of ["set", "fill", "subarray", "slice", "copyWithin", "values", "keys", "at"]) {
    Object.defineProperty(Mine.prototype, name, { value: spy });
  }
  Object.defineProperty(Mine.prototype, Symbol.iterator, { value: spy });
  return new Mine(content.buffer, content.byteOffset, content.byteLength);
}

/** Results that would read the copy when it is wiped. */
const LAZY = {
  "a generator": function* (bytes) {
    yield bytes[0];
  },
  "an async generator": async function* (bytes) {
    yield bytes[0];
  },
  "an iterator": (bytes) => bytes.values(),
  "entries": (bytes) => bytes.entries(),
  "the copy itself": (bytes) => bytes,
  "a part of it": (bytes) => bytes.subarray(1),
  "its buffer": (bytes) => bytes.buffer,
  "a view of its buffer": (bytes) => new DataView(bytes.buffer),
  "another view of its buffer": (bytes) => new Uint16Array(bytes.buffer),
  "a stream": (bytes) =>
    new ReadableStream({
      pull(controller) {
        controller.enqueue(bytes.slice());
        controller.close();
      },
    }),
};

export const hostileChecks = {
  "an exhausted stack leaves nothing behind and ends nothing"({ Secret, memory }) {
    const bystander = sample(32);
    const stays = Secret.fromBytes(bystander.bytes);
    for (const [name, use] of Object.entries(usesOf(Secret))) {
      for (let shift = 0; shift < (/Ed25519/.test(name) ? 1 : 5); shift++) {
        const one = sample(32);
        const key = Secret.fromBytes(one.bytes);
        let used = 0;
        const error = exhaust(() => {
          use(key);
          used++;
        }, 3 * shift);
        equal(error instanceof RangeError || error?.name === "InternalError", true, `${name} threw ${error}`);
        equal(used > 0, true, `${name} was used`);
        equal(one.in(memory), one.once, `${name}, while the key is open`);
        equal(key.byteLength, 32);
        key.close();
        equal(one.in(memory), 0, `${name}, after its end`);
      }
    }
    equal(bystander.in(memory), bystander.once);
    stays.close();
    equal(bystander.in(memory), 0);
  },

  async "what a call needs of the stack is known before: without that, it is cut short in the middle"({ binary }) {
    for (const name of ["strongroom", "mac"]) {
      const module = await WebAssembly.compile(await binary(`${name}.wasm`));
      equal(cutShort(module, HEADROOM), 0, `${name}, with the headroom of engine.js`);
      equal(cutShort(module, 0) > 0, true, `${name}, without`);
    }
  },

  "an exhausted stack leaves no copy that isn't wiped"({ Secret }) {
    const key = Secret.fromBytes(new Uint8Array(32).fill(7));
    for (let shift = 0; shift < 20; shift++) {
      const copies = [];
      const visit = (padding) =>
        key.withBytes((bytes) => {
          copies[copies.length] = bytes;
          visit(padding);
        });
      const begin = (left) => (left > 0 ? begin(left - 1) : visit(0));
      let error;
      try {
        begin(3 * shift);
      } catch (thrown) {
        error = thrown;
      }
      equal(error instanceof RangeError || error?.name === "InternalError", true, `threw ${error}`);
      equal(copies.length > 100, true, "copies there were");
      equal(copies.every(isZero), true, `all of ${copies.length} wiped`);
    }
    equal(key.withBytes((bytes) => bytes[31]), 7);
  },

  "an exhausted stack leaves nothing of secrets that were being made"({ Secret, memory }) {
    for (let shift = 0; shift < 5; shift++) {
      const one = sample(32);
      const made = [];
      // The bytes are there again each time.
      exhaust(() => made.push(Secret.fromBytes(one.bytes.slice())), 5 * shift);
      equal(made.length > 0, true);
      equal(one.in(memory), made.length * one.once);
      for (const secret of made) secret.close();
      equal(one.in(memory), 0);
    }
  },

  "a callback's exception leaves nothing behind, however often"({ Secret, memory }) {
    const one = sample(32);
    const key = Secret.fromBytes(one.bytes);
    const exception = new Error("the callback's own");
    const before = memory.buffer.byteLength;
    for (let i = 0; i < 20_000; i++) {
      equal(
        thrown(Error, () =>
          key.withBytes(() => {
            throw exception;
          }),
        ) === exception,
        true,
      );
    }
    equal(memory.buffer.byteLength, before);
    equal(one.in(memory), one.once);
    key.close();
    equal(one.in(memory), 0);
  },

  "accesses nest as deep as the stack is"({ Secret }) {
    const key = Secret.fromBytes(new Uint8Array([7]));
    const nested = (depth) => key.withBytes((bytes) => (depth === 0 ? bytes[0] : nested(depth - 1)));
    equal(nested(1500), 7);
  },

  "closing frees at once"({ Secret, memory }) {
    const before = memory.buffer.byteLength;
    for (let i = 0; i < 200_000; i++) Secret.random(64).close();
    equal(memory.buffer.byteLength - before <= 65536, true, `grew by ${memory.buffer.byteLength - before}`);
  },

  "nothing takes a secret for an array"({ Secret }) {
    const key = Secret.random(32);
    const readers = [
      () => new Uint8Array(key),
      () => new Uint16Array(key),
      () => Uint8Array.from(key),
      () => Array.from(key),
      () => [...key],
      () => new Set(key),
      () => {
        for (const byte of key) return byte;
      },
      () => new Uint8Array(32).set([...key]),
      () => globalThis.Buffer?.from(key) ?? new Uint8Array(key),
      () => globalThis.Buffer?.concat([key]) ?? new Uint8Array(key),
    ];
    for (const read of readers) thrown(TypeError, read);
    equal("length" in key, false);
    equal(key.byteLength, 32);
  },

  async "a secret is not cloned, and a copy of its properties is nothing"({ Secret }) {
    const key = Secret.random(32);
    const { port1, port2 } = new MessageChannel();
    const cloners = [
      () => structuredClone(key),
      () => structuredClone({ config: [key] }),
      () => port1.postMessage(key),
      () => port1.postMessage(new Map([["key", key]])),
    ];
    for (const clone of cloners) {
      const error = thrown(Error, clone);
      equal(error.name, "DataCloneError");
    }
    port1.close();
    port2.close();
    equal(Object.getOwnPropertyNames(key).length + Object.getOwnPropertySymbols(key).length, 0);
    const copies = [
      { ...key },
      Object.assign(Object.create(Secret.prototype), key),
      Object.create(key),
      Object.create(Secret.prototype, Object.getOwnPropertyDescriptors(key)),
      Object.setPrototypeOf({ __wbg_ptr: 1114128, number: 1 }, Secret.prototype),
      new Proxy(key, {}),
    ];
    const { isClosed, byteLength, constructor, toCryptoKey, ...methods } = Object.getOwnPropertyDescriptors(Secret.prototype);
    const calls = [isClosed.get, byteLength.get, ...Object.values(methods).map(({ value, get }) => value ?? get)];
    for (const copy of copies) {
      for (const call of calls) {
        const error = thrown(TypeError, () => call.call(copy, new Uint8Array(1), new Uint8Array(1)));
        equal(error.message.includes("must be a Secret"), true, error.message);
      }
      await rejected(TypeError, () => toCryptoKey.value.call(copy, "AES-GCM", ["encrypt"]));
      thrown(TypeError, () => key.equals(copy));
    }
    // Not the mark of plain objects and collections, which reactive proxies are made of.
    equal(Object.prototype.toString.call(key), "[object Secret]");
    equal(key.byteLength, 32);
  },

  "a property that looks like an address is none"({ Secret }) {
    const [one, two] = [Secret.fromBytes(new Uint8Array([1])), Secret.fromBytes(new Uint8Array([2]))];
    for (let pointer = 0; pointer < 5; pointer++) {
      Object.assign(one, { __wbg_ptr: pointer, number: pointer, life: { number: pointer } });
      equal(one.withBytes((bytes) => bytes[0]), 1);
    }
    equal(two.withBytes((bytes) => bytes[0]), 2);
  },

  "a wrong receiver is a TypeError, however often"({ Secret }) {
    const key = Secret.random(32);
    const receivers = [undefined, null, 1, "secret", {}, () => {}, Secret, Secret.prototype, Object.create(key), new Proxy(key, {})];
    const descriptors = Object.entries(Object.getOwnPropertyDescriptors(Secret.prototype));
    const calls = descriptors
      // What gives a promise rejects it, above.
      .filter(([name]) => name !== "constructor" && name !== "toCryptoKey")
      .map(([, { value, get }]) => value ?? get);
    equal(calls.length > 20, true);
    for (const receiver of receivers) {
      for (const call of calls) {
        for (let i = 0; i < 10; i++) thrown(TypeError, () => call.call(receiver, new Uint8Array(1), new Uint8Array(1)));
      }
    }
    for (let i = 0; i < 1100; i++) {
      thrown(TypeError, () => new Secret());
      thrown(TypeError, () => Secret.prototype.isClosed);
      thrown(TypeError, () => new (class extends Secret {})());
      thrown(TypeError, () => Secret());
    }
    for (const gone of ["free", "__wrap", "__destroy_into_raw", "__wbg_ptr"]) {
      equal(gone in Secret || gone in key, false, gone);
    }
    equal(key.hmacSha256(new Uint8Array(1)).length, 32);
  },

  async "randomness is looked at"({ load }) {
    const owner = Object.getPrototypeOf(crypto);
    for (const [name, source] of Object.entries(NOT_RANDOM)) {
      const { Secret, SecretError } = await patched(
        [[owner, "getRandomValues", { value: source, configurable: true, writable: true }]],
        load,
      );
      const key = Secret.fromBytes(new Uint8Array(32).fill(1));
      const refusals = [
        () => Secret.random(1),
        () => Secret.random(32),
        () => Secret.random(1 << 20),
        () => Secret.password(Uint8Array.of(1, 2), 8),
        () => key.seal("aes256-gcm", new Uint8Array(1)),
        () => key.seal("xchacha20-poly1305", new Uint8Array(1)),
        () => key.wrapAead("aes256-gcm", key),
      ];
      for (const refusal of refusals) {
        const error = refused(SecretError, "random", refusal);
        if (name === "throws") equal(error.cause.message, "the source's own");
      }
      equal(key.hmacSha256(new Uint8Array(1)).length, 32);
    }
  },

  async "a source of randomness sees no bytes of earlier draws, and lengths are not asked of prototypes"({ Secret, load }) {
    const owner = Object.getPrototypeOf(crypto);
    const original = crypto.getRandomValues;
    const seen = [];
    const spy = function (array) {
      seen.push([array, array.buffer.byteLength, isZero(new Uint8Array(array.buffer))]);
      return apply(original, this, [array]);
    };
    const spied = await patched([[owner, "getRandomValues", { value: spy, configurable: true, writable: true }]], load);
    spied.Secret.random(100_000);
    equal(seen.map(([, length]) => length).join(), "65536,34464");
    equal(seen.every(([array, , fresh]) => fresh && isZero(array)), true);
    const key = Secret.random(32);
    const real = Object.getOwnPropertyDescriptor(views, "byteLength").get;
    const shorter = { configurable: true, get: function () { return apply(real, this, []) === 32 ? 17 : apply(real, this, []); } };
    const nonces = [];
    await patched([[views, "byteLength", shorter]], () => {
      for (let i = 0; i < 2; i++) nonces.push(key.seal("aes256-gcm", new Uint8Array(1)).slice(0, 12).join());
    });
    equal(nonces[0] === nonces[1], false, "nonces are alike");
  },

  async "no source of randomness sees linear memory"({ load }) {
    const owner = Object.getPrototypeOf(crypto);
    const original = crypto.getRandomValues;
    let largest = 0;
    const spy = function (array) {
      largest = Math.max(largest, array.buffer.byteLength);
      return apply(original, this, [array]);
    };
    const { Secret } = await patched([[owner, "getRandomValues", { value: spy, configurable: true, writable: true }]], load);
    Secret.random(32).seal("aes256-gcm", new Uint8Array(1));
    equal(largest > 0 && largest < 65536, true, `a buffer of ${largest} bytes`);
  },

  async "nothing that was replaced after the import is looked up"({ Secret }) {
    const key = Secret.fromBytes(new Uint8Array(32).fill(1));
    const [source, replacement, target] = [9, 9, 0].map((byte) => new Uint8Array(32).fill(byte));
    const [message, nonce, alphabet] = [new Uint8Array(100), new Uint8Array(12), Uint8Array.of(1, 2, 3)];
    const hexadecimal = new Uint8Array(20).fill(0x37);
    const [buffer, view] = [new ArrayBuffer(8), new DataView(new ArrayBuffer(8), 2)];
    const none = new Uint8Array(0);
    const cost = { memoryKib: 8, passes: 1, lanes: 1 };
    const wanted = key.hmacSha256(message);
    const noted = [];
    let made, tag, verified, total;
    await patched(REPLACEABLE.map((property) => noting(property, noted)), () => {
      noted.length = 0;
      made = Secret.fromBytes(source);
      made.replace(replacement);
      made.copyInto(target);
      made.withBytes((bytes) => bytes[0]);
      made.equals(key);
      tag = key.hmacSha256(message);
      verified = key.verifyHmacSha256(message, tag) && key.verifyHmacSha512(message, key.hmacSha512(message));
      key.open("aes256-gcm", key.seal("aes256-gcm", message, none), none);
      key.open("aes256-gcm", key.seal("aes256-gcm", "text \u{1f512}", view), view);
      Secret.fromBytes(buffer).close();
      key.toJSON();
      Secret.fromEncoded("hex", hexadecimal).withEncoded("base64url", (text) => text[0]);
      key.openWithNonce("chacha20-poly1305", nonce, key.sealWithNonce("chacha20-poly1305", nonce, message));
      key.hkdfSha256(none, none, 32).close();
      key.argon2id(nonce, cost, 8).close();
      Secret.verifyEd25519(key.ed25519PublicKey(), message, key.signEd25519(message));
      key.unwrapAead("aes256-gcm", key.wrapAead("aes256-gcm", made)).close();
      key.unwrapAesKw(key.wrapAesKw(made)).close();
      Secret.random(100_000).close();
      Secret.password(alphabet, 1).close();
      total = noted.length;
      // The control: what is looked up is noted.
      [...message].indexOf(0);
    });
    equal(noted.slice(0, total).join(), "", "what was looked up");
    equal(noted.length > total, true);
    equal(same(tag, wanted), true);
    equal(verified, true);
    equal(isZero(source) && isZero(replacement), true);
    const expected = new Uint8Array(32).fill(9);
    equal(made.withBytes((bytes) => same(bytes, expected)) && same(target, expected), true);
  },

  async "a promise's copy is wiped, whatever was done to promises"({ Secret }) {
    const key = Secret.fromBytes(new Uint8Array([1, 2, 3]));
    const ignore = { value: () => undefined, configurable: true, writable: true };
    const patches = [
      [[Promise.prototype, "finally", ignore]],
      [[Promise.prototype, "then", ignore]],
      [[Promise, "resolve", ignore]],
      [[Promise.prototype, "constructor", { value: class {}, configurable: true, writable: true }]],
      [[Promise, Symbol.species, { get: () => class {}, configurable: true }]],
    ];
    for (const patch of patches) {
      let kept;
      const settled = new Promise((resolve) => setTimeout(resolve, 20));
      await patched(patch, async () => {
        const lent = key.withBytes((bytes) => {
          kept = bytes;
          return { then: (resolve) => resolve(bytes[1]) };
        });
        equal(await lent, 2);
      });
      await settled;
      equal(isZero(kept), true, `after ${String(patch[0][1])} was replaced`);
    }
  },

  async "what Object.prototype is given makes no descriptor another"({ Secret }) {
    const key = Secret.fromBytes(new Uint8Array([1, 2, 3]));
    for (const name of ["get", "set", "value", "writable"]) {
      const property = { value: () => {}, configurable: true, writable: true };
      await patched([[Object.prototype, name, { __proto__: null, ...property }]], async () => {
        equal(await key.withBytes(async (bytes) => bytes[1]), 2, `with ${name}`);
        Secret.random(8).close();
      }).finally(() => delete Object.prototype[name]);
    }
  },

  "the classes stay what they were"({ Secret, SecretError }) {
    const own = class {};
    for (const object of [Secret, Secret.prototype, SecretError, SecretError.prototype]) {
      thrown(TypeError, () => Object.setPrototypeOf(object, own));
    }
    for (const name of Reflect.ownKeys(Secret.prototype)) {
      thrown(TypeError, () => Object.defineProperty(Secret.prototype, name, { value: () => {} }));
    }
    thrown(TypeError, () => Object.defineProperty(Secret, "fromBytes", { value: () => {} }));
    equal(Secret.fromBytes(new Uint8Array(8).fill(1)) instanceof Secret, true);
    // An error is its catcher's own.
    const error = refused(SecretError, "empty", () => Secret.random(0));
    error.name = "Mine";
    equal(error.name, "Mine");
  },

  async "a thenable is asked once, and its copy wiped whatever it does"({ Secret }) {
    const key = Secret.fromBytes(new Uint8Array([1, 2, 3]));
    const thenables = [
      (resolve) => (resolve(1), resolve(2)),
      (_, reject) => reject(new Error("its own")),
      () => {
        throw new Error("its own");
      },
      (resolve) => resolve({ then: (resolve) => setTimeout(() => resolve(3)) }),
    ];
    for (const then of thenables) {
      let asked = 0;
      let kept;
      const lent = key.withBytes((bytes) => {
        kept = bytes;
        return {
          get then() {
            asked++;
            return then;
          },
        };
      });
      await lent.catch((error) => equal(error.message, "its own"));
      equal(asked, 1);
      equal(isZero(kept), true);
    }
  },

  "an argument's own methods and lengths count for nothing"({ Secret, memory }) {
    const seen = [];
    const content = () => Uint8Array.from({ length: 32 }, (_, i) => i + 1);
    const plain = Secret.fromBytes(content());
    const source = content();
    const key = Secret.fromBytes(opinionated(source, seen));
    equal(isZero(source), true);
    equal(key.equals(plain), true);
    const target = content().fill(0);
    equal(key.copyInto(opinionated(target, seen)), 32);
    equal(same(target, content()), true);
    const replacement = content();
    key.replace(opinionated(replacement, seen));
    equal(isZero(replacement) && key.equals(plain), true);
    equal(same(key.hmacSha256(opinionated(content(), seen)), plain.hmacSha256(content())), true);
    const results = Object.entries(takersOfBytes(Secret, plain));
    for (const [name, take] of results) {
      // What it takes this one for, it takes a plain one of the same bytes for.
      const outcome = (argument) => {
        try {
          take(argument);
          return "taken";
        } catch (error) {
          return error.code ?? error.message;
        }
      };
      equal(outcome(opinionated(content(), seen)), outcome(content()), name);
    }
    equal(seen.length, 0, "calls of its methods");
    equal(memory.buffer.byteLength > 0, true);
  },

  "bytes that are not there are a TypeError"({ Secret, SecretError }) {
    const key = Secret.fromBytes(new Uint8Array(32).fill(1));
    for (const [kind, make] of Object.entries(GONE)) {
      if (make() === undefined) continue;
      for (const [name, take] of Object.entries(takersOfBytes(Secret, key))) {
        const error = thrown(TypeError, () => take(make()));
        equal(error.message.includes("not there"), true, `${name} of ${kind}: ${error.message}`);
      }
    }
    // An empty one is there.
    equal(key.hmacSha256(new Uint8Array(0)).length, 32);
    refused(SecretError, "buffer-too-small", () => key.copyInto(new Uint8Array(0)));
    equal(key.byteLength, 32);
  },

  "a view that follows a buffer's length is read at its length now"({ Secret }) {
    if (!ArrayBuffer.prototype.resize) return;
    const buffer = new ArrayBuffer(8, { maxByteLength: 64 });
    const bytes = new Uint8Array(buffer);
    for (const length of [32, 4, 64]) {
      buffer.resize(length);
      bytes.fill(3);
      equal(Secret.fromBytes(bytes).byteLength, length);
      equal(isZero(bytes), true);
    }
  },

  "bytes in shared memory are copied once"({ Secret }) {
    const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const [key, message] = [Secret.random(32), new Uint8Array(buffer, 8, 200).fill(3)];
    equal(same(key.hmacSha256(message), key.hmacSha256(new Uint8Array(200).fill(3))), true);
    const secret = Secret.fromBytes(message);
    equal(isZero(message), true);
    equal(secret.withBytes((bytes) => bytes.every((byte) => byte === 3)), true);
  },

  async "what would read the copy later is refused"({ Secret }) {
    const key = Secret.random(32);
    for (const [kind, make] of Object.entries(LAZY)) {
      let kept;
      const keep = (bytes) => {
        kept = bytes;
        return make(bytes);
      };
      const error = thrown(TypeError, () => key.withBytes(keep));
      equal(error.message.includes("withBytes"), true, kind);
      equal(isZero(kept), true, kind);
      const later = await key.withBytes(async (bytes) => keep(bytes)).catch((error) => error);
      equal(later instanceof TypeError, true, `${kind} in a promise`);
      equal(isZero(kept), true, kind);
    }
    // What was read to its end is fine, and so is a copy.
    equal(key.withBytes((bytes) => bytes.slice()).length, 32);
    equal(new DataView(key.withBytes((bytes) => bytes.slice().buffer)).byteLength, 32);
    equal(key.withBytes((bytes) => [...bytes].length), 32);
  },

  "replace changes nothing when it throws"({ Secret, SecretError }) {
    const content = () => new Uint8Array(32).fill(6);
    const key = Secret.fromBytes(content());
    const transferred = GONE.transferred;
    for (const wrong of [undefined, null, "bytes", [1], new Uint16Array(3), transferred()]) {
      thrown(TypeError, () => key.replace(wrong));
      equal(key.equals(Secret.fromBytes(content())), true);
    }
    for (const [code, wrong] of [["empty", new Uint8Array(0)], ["too-large", new Uint8Array((16 << 20) + 1)]]) {
      refused(SecretError, code, () => key.replace(wrong));
      equal(key.equals(Secret.fromBytes(content())), true);
    }
  },

  "an option is looked at once"({ Secret }) {
    const key = Secret.random(32);
    let looks = 0;
    const cost = {
      get memoryKib() {
        return looks++ === 0 ? 8 : 1e9;
      },
      passes: 1,
      lanes: 1,
    };
    key.argon2id(new Uint8Array(8), cost, 8);
    equal(looks, 1);
  },

  async "errors of two copies know each other"({ Secret, SecretError, load }) {
    const other = await load();
    equal(other.SecretError === SecretError, false);
    const mine = refused(SecretError, "empty", () => Secret.random(0));
    const theirs = refused(other.SecretError, "empty", () => other.Secret.random(0));
    for (const error of [mine, theirs]) {
      equal(SecretError.is(error) && other.SecretError.is(error), true);
    }
    for (const error of [new Error("closed"), undefined, null, "closed", { code: "closed" }]) {
      equal(SecretError.is(error), false);
    }
    // A secret of the other is none of these.
    thrown(TypeError, () => Secret.random(1).equals(other.Secret.random(1)));
  },
};
