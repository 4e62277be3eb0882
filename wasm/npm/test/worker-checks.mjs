// `strongroom/worker`: the same class, later, of secrets in another thread. As in checks.mjs, nothing here is
// of Node or of a page.
//
// Each check gets `{ Secret, SecretError, remote, loadRemote }`: besides the class on this thread, what
// `strongroom/worker` gives, and a way to import a copy of that.

import { equal, isZero, refusedLater, rejected, same, thrown } from "./assert.mjs";
import { takersOfBytes } from "./hostile-uses.mjs";
import { patched } from "./patched.mjs";

const ALGORITHM = "aes256-gcm";
const CHEAP = { memoryKib: 8, passes: 1, lanes: 1 };
const none = new Uint8Array(0);
const bytes = (length = 32, byte = 5) => new Uint8Array(length).fill(byte);

/** Operations that give the same each time, on a class of either kind. */
const repeatable = (Secret, key, other) => {
  const reveal = async (secret) => (await secret).withBytes((copy) => copy.slice());
  return {
    byteLength: () => key.byteLength,
    isClosed: () => key.isClosed,
    equals: () => key.equals(other),
    withBytes: () => reveal(key),
    withEncoded: () => key.withEncoded("base64url", (text) => text.slice()),
    fromEncoded: () => reveal(Secret.fromEncoded("hex", new TextEncoder().encode("c0ffee"))),
    hmacSha256: () => key.hmacSha256("message"),
    verifyHmacSha256: () => key.verifyHmacSha256(bytes(), bytes()),
    hmacSha384: () => key.hmacSha384(new DataView(bytes().buffer, 3)),
    hmacSha512: () => key.hmacSha512(bytes().buffer),
    sealWithNonce: () => key.sealWithNonce(ALGORITHM, bytes(12), bytes(100), "data"),
    openWithNonce: async () =>
      key.openWithNonce(ALGORITHM, bytes(12), await key.sealWithNonce(ALGORITHM, bytes(12), "text"), none),
    seal: async () => key.open(ALGORITHM, await key.seal(ALGORITHM, "text", "data"), "data"),
    hkdfSha256: () => reveal(key.hkdfSha256(bytes(), bytes(), 40)),
    argon2id: () => reveal(key.argon2id(bytes(), CHEAP, 16)),
    signEd25519: () => key.signEd25519("message"),
    ed25519PublicKey: () => key.ed25519PublicKey(),
    verifyEd25519: async () => Secret.verifyEd25519(await key.ed25519PublicKey(), "message", await key.signEd25519("message")),
    wrapAead: async () => reveal(key.unwrapAead(ALGORITHM, await key.wrapAead(ALGORITHM, other))),
    wrapAesKw: () => key.wrapAesKw(other),
    unwrapAesKw: async () => reveal(key.unwrapAesKw(await key.wrapAesKw(other))),
  };
};

const comparable = (outcome) => (outcome instanceof Uint8Array ? outcome.join() : outcome);

/** What others may put in the place of what carries a call and its answer. */
const CARRIERS = [
  [MessagePort.prototype, "postMessage"],
  [MessagePort.prototype, "start"],
  [MessageEvent.prototype, "data"],
  [EventTarget.prototype, "addEventListener"],
  [globalThis, "MessageChannel"],
  [globalThis, "Worker"],
  [globalThis, "SharedWorker"],
  [Array.prototype, Symbol.iterator],
  [Array.prototype, "0"],
  [Object.prototype, "then"],
  [Map.prototype, "get"],
  [Map.prototype, "set"],
  [TextEncoder.prototype, "encode"],
  [Object.getPrototypeOf(Uint8Array.prototype), "set"],
];

export const workerChecks = {
  "the class of strongroom/worker has what the class has"({ Secret, remote }) {
    const names = (object) => Object.getOwnPropertyNames(object).filter((name) => !["length", "name", "prototype"].includes(name));
    const missing = (from, object) => names(from).filter((name) => !Object.hasOwn(object, name)).join();
    equal(missing(Secret, remote.Secret), "");
    equal(missing(Secret.prototype, remote.Secret.prototype), "");
    equal(missing(remote.Secret, Secret), "fromPort");
    equal(missing(remote.Secret.prototype, Secret.prototype), "toPort");
    equal(Object.isFrozen(remote.Secret) && Object.isFrozen(remote.Secret.prototype), true);
  },

  async "what a secret in a worker gives is what one here gives"({ Secret, remote }) {
    const here = repeatable(Secret, Secret.fromBytes(bytes()), Secret.fromBytes(bytes(32, 6)));
    const [key, other] = [await remote.Secret.fromBytes(bytes()), await remote.Secret.fromBytes(bytes(32, 6))];
    for (const [name, there] of Object.entries(repeatable(remote.Secret, key, other))) {
      const promise = there();
      equal(promise instanceof Promise, true, name);
      equal(comparable(await promise), comparable(await here[name]()), name);
    }
    equal(await (await remote.Secret.random(9)).byteLength, 9);
    const password = await remote.Secret.password(bytes(2).map((_, i) => i + 1), 20);
    equal(await password.withBytes((copy) => copy.every((byte) => byte === 1 || byte === 2)), true);
    const target = bytes(40, 0);
    equal(await key.copyInto(target), 32);
    equal(target.join(), [...bytes(32), ...bytes(8, 0)].join());
    await key.replace(bytes(7));
    equal(await key.byteLength, 7);
    await Promise.all([key.close(), other.close(), password.close()]);
    equal(await key.isClosed, true);
  },

  async "wrong arguments are the errors that they are here, and sent nowhere"({ Secret, remote }) {
    const here = takersOfBytes(Secret, Secret.fromBytes(bytes()));
    const key = await remote.Secret.fromBytes(bytes());
    for (const [name, take] of Object.entries(takersOfBytes(remote.Secret, key))) {
      for (const wrong of [null, 8, [1], {}, new Uint16Array(4), () => {}]) {
        const expected = thrown(TypeError, () => here[name](wrong)).message;
        equal((await rejected(TypeError, () => take(wrong))).message, expected, name);
      }
    }
    const others = {
      "`callback` must be a function, not a string": () => key.withBytes("x"),
      "`length` must be a whole number of bytes, not -1": () => remote.Secret.random(-1),
      "`cost.passes` must be a whole number of 32 bits, not 1.5": () => key.argon2id(none, { ...CHEAP, passes: 1.5 }, 8),
      "`this` must be a Secret of strongroom/worker, not an object": () => key.close.call({}),
      "`other` must be a Secret of strongroom/worker, not an object": () => key.equals(Secret.random(1)),
    };
    for (const [message, use] of Object.entries(others)) equal((await rejected(TypeError, use)).message, message);
    thrown(TypeError, () => new remote.Secret());
    thrown(TypeError, () => remote.Secret.fromPort({}));
    await key.close();
  },

  async "what is refused there is a SecretError here"({ SecretError, remote }) {
    const key = await remote.Secret.fromBytes(bytes(31));
    const refusals = {
      "wrong-size": () => key.seal(ALGORITHM, "text"),
      "buffer-too-small": () => key.copyInto(bytes(30)),
      "too-costly": () => key.argon2id(bytes(), { ...CHEAP, passes: 9 }, 16),
      empty: () => remote.Secret.fromBytes(none),
      malformed: () => remote.Secret.fromEncoded("hex", bytes()),
    };
    for (const [code, use] of Object.entries(refusals)) {
      const error = await refusedLater(remote.SecretError, code, use);
      equal(SecretError.is(error), true, code);
    }
    await key.close();
    await key.close();
    for (const use of [() => key.byteLength, () => key.hmacSha256("x"), () => key.withBytes(() => {}), () => key.toPort()]) {
      await refusedLater(remote.SecretError, "closed", use);
    }
  },

  async "sources are zeros as soon as they are on their way, and untouched by what is refused here"({ remote }) {
    const source = bytes();
    const made = remote.Secret.fromBytes(source.buffer);
    equal(isZero(source), true);
    const key = await made;
    const next = bytes(9, 7);
    const replaced = key.replace(next);
    equal(isZero(next), true);
    await replaced;
    equal(await key.withBytes((copy) => copy.join()), bytes(9, 7).join());
    const tooLong = bytes((16 << 20) + 1, 7);
    await refusedLater(remote.SecretError, "too-large", () => remote.Secret.fromBytes(tooLong));
    await refusedLater(remote.SecretError, "too-large", () => key.replace(tooLong));
    equal(tooLong.every((byte) => byte === 7), true);
    // Other arguments stay as they are, and are theirs who gave them.
    const message = bytes();
    await key.hmacSha256(message);
    equal(same(message, bytes()), true);
    await key.close();
  },

  async "withBytes lends a copy, as here"({ remote }) {
    const key = await remote.Secret.fromBytes(Uint8Array.of(1, 2, 3));
    let kept;
    const keep = (copy) => {
      kept = copy;
      return copy[1];
    };
    equal(await key.withBytes(keep), 2);
    equal(isZero(kept), true);
    equal(await key.withBytes(async (copy) => keep(copy)), 2);
    equal(isZero(kept), true);
    const own = new Error("the callback's own");
    const failing = (copy) => {
      keep(copy);
      throw own;
    };
    equal((await rejected(Error, () => key.withBytes(failing))) === own, true);
    equal(isZero(kept), true);
    await rejected(TypeError, () => key.withBytes((copy) => copy));
    await key.close();
  },

  async "a handle crosses as a port, and is one on the same secret"({ remote }) {
    const key = await remote.Secret.fromBytes(bytes());
    const sent = await key.toPort();
    const { port1, port2 } = new MessageChannel();
    const received = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
    port2.postMessage(sent, [sent]);
    const other = remote.Secret.fromPort(await received);
    port1.close();
    equal(same(await other.hmacSha256("message"), await key.hmacSha256("message")), true);
    await key.replace(bytes(8, 2));
    equal(await other.withBytes((copy) => copy.join()), bytes(8, 2).join());
    const derived = await other.hkdfSha256(none, none, 32);
    equal(await derived.equals(other), false);
    const error = await rejected(TypeError, () => derived.equals(key));
    equal(error.message.includes("behind the same port"), true, error.message);
    await other.close();
    equal(await key.isClosed, true);
    await derived.close();
    // A secret itself doesn't cross.
    equal(thrown(Error, () => structuredClone(key)).name, "DataCloneError");
  },

  async "while a worker works, this thread goes on"({ Secret, remote }) {
    const cost = { memoryKib: 65536, passes: 3, lanes: 1 };
    const turnsDuring = async (derive) => {
      let [turns, over] = [0, false];
      const turn = () => {
        turns++;
        if (!over) setTimeout(turn);
      };
      setTimeout(turn);
      await derive();
      over = true;
      return turns;
    };
    const key = await remote.Secret.fromBytes(bytes());
    equal((await turnsDuring(() => key.argon2id(bytes(), cost, 32))) > 0, true, "turns meanwhile");
    // The control.
    equal(await turnsDuring(() => Secret.fromBytes(bytes()).argon2id(bytes(), cost, 32)), 0);
    await key.close();
  },

  async "what is pending when the thread ends is rejected, and the next secret has another"({ loadRemote }) {
    const { Secret, SecretError, terminate } = await loadRemote();
    await terminate();
    const key = await Secret.fromBytes(bytes());
    const port = await key.toPort();
    const pending = [key.argon2id(bytes(), { memoryKib: 65536, passes: 8, lanes: 1 }, 32), key.hmacSha256("x")];
    const outcomes = Promise.allSettled(pending);
    await terminate();
    for (const { reason } of await outcomes) equal(SecretError.is(reason) && reason.code, "terminated");
    await refusedLater(SecretError, "terminated", () => key.byteLength);
    port.close();
    const next = await Secret.random(3);
    equal(await next.byteLength, 3);
    await refusedLater(SecretError, "terminated", () => key.close());
    await terminate();
  },

  async "whoever has a handle's port may send anything, and ends no other secret"({ remote }) {
    const key = await remote.Secret.fromBytes(bytes());
    const port = await key.toPort();
    const answers = new Map();
    let last;
    const isOver = new Promise((resolve) => (last = resolve));
    port.onmessage = ({ data: [id, ...told] }) => (id === "last" ? last() : answers.set(id, told));
    const { port1 } = new MessageChannel();
    for (const nothing of [null, 1, "x", [], [1, "hmacSha256", 1], [1, "hmacSha256", 1, null], { length: 4 }, new Map()]) {
      port.postMessage(nothing);
    }
    // An answer to it can't be sent.
    port.postMessage([port1, "byteLength", 1, []], [port1]);
    const calls = {
      "another's number": ["reveal", 2, [99]],
      "another's number as an argument": ["equals", 1, [{ secret: 2 }]],
      "what isn't a number": ["reveal", {}, [99]],
      "less than nothing": ["reveal", 1, [-1]],
      "no operation": ["constructor", 1, []],
      "no operation of the class": ["prototype", 0, []],
    };
    for (const [id, call] of Object.entries(calls)) port.postMessage([id, ...call]);
    port.postMessage(["last", "byteLength", 1, []]);
    await isOver;
    port.close();
    for (const id of Object.keys(calls)) equal(["refused", "wrong"].includes(answers.get(id)?.[0]), true, id);
    equal(await key.byteLength, 32);
    await key.close();
  },

  async "what comes over a port and answers nothing does nothing, and a false answer is a TypeError"({ remote }) {
    const { port1, port2 } = new MessageChannel();
    const secret = remote.Secret.fromPort(port1);
    for (const nothing of [null, 1, [], [77], [0, "value", 1], ["refused"], {}]) port2.postMessage(nothing);
    for (const answer of [["value", null], ["wrong", null, { toString: 1, valueOf: 1 }], ["refused", 1, { toString: 1, valueOf: 1 }]]) {
      port2.onmessage = ({ data: [id] }) => port2.postMessage([id, ...answer]);
      await rejected(TypeError, () => secret.hmacSha256("message"));
      await rejected(Error, () => secret.withBytes(() => {}));
      await rejected(Error, () => secret.copyInto(bytes()));
    }
    port2.close();
    // Nothing was begun with what is no port.
    thrown(TypeError, () => remote.Secret.fromPort(new EventTarget()));
  },

  async "two who take one port get each their own answers"({ remote }) {
    const key = await remote.Secret.fromBytes(bytes());
    const port = await key.toPort();
    const [one, two] = [remote.Secret.fromPort(port), remote.Secret.fromPort(port)];
    const [length, tag, closed] = await Promise.all([one.byteLength, two.hmacSha256("message"), two.isClosed]);
    equal(length, 32);
    equal(same(tag, await key.hmacSha256("message")), true);
    equal(closed, false);
    port.close();
    await key.close();
  },

  async "the thread runs the package's script, whoever has replaced what finds files"({ loadRemote }) {
    const { Secret, terminate } = await loadRemote();
    const replaced = (name, property) => [URL.prototype, name, { __proto__: null, configurable: true, ...property }];
    const list = [
      replaced("toString", { value: () => "data:text/javascript," }),
      replaced(Symbol.toPrimitive, { value: () => "data:text/javascript," }),
      replaced("href", { get: () => "data:text/javascript," }),
      replaced("pathname", { get: () => "/nowhere.js" }),
    ];
    let length;
    await patched(list, async () => {
      // The control.
      equal(`${new URL("data:,")}`, "data:text/javascript,");
      length = await (await Secret.random(32)).byteLength;
    });
    equal(length, 32);
    await terminate();
  },

  async "nobody sees a call or an answer by what was replaced after the import"({ loadRemote }) {
    const { Secret, terminate } = await loadRemote();
    // Not an array: some of what is spied on is what arrays inherit.
    const seen = { __proto__: null };
    let count = 0;
    const noted = (name, call) =>
      function (...args) {
        // Of ports that came with a message, Node makes a list; one of none carries nothing.
        if (!Array.isArray(this) || this.length > 0) seen[count++] = String(name);
        return call?.apply(this, args);
      };
    const spying = ([object, name]) => {
      const original = Object.getOwnPropertyDescriptor(object, name) ?? { get: undefined, set: undefined };
      const spy = { __proto__: null, configurable: true };
      if ("value" in original) Object.assign(spy, { writable: true, value: noted(name, original.value) });
      else Object.assign(spy, { get: noted(name, original.get), set: noted(name, original.set) });
      return [object, name, spy];
    };
    const spied = new MessageChannel();
    // Node's own code for starting a thread is JavaScript; where it has been tampered with, none is started.
    await (await Secret.random(1)).close();
    let tag, opened, first, length, total;
    await patched(CARRIERS.filter(([object, name]) => object !== globalThis || name in object).map(spying), async () => {
      count = 0;
      const key = await Secret.fromBytes(bytes());
      tag = await key.hmacSha256("message");
      opened = await key.open(ALGORITHM, await key.seal(ALGORITHM, bytes(7)));
      first = await key.withBytes((copy) => copy[0]);
      await key.copyInto(bytes());
      await key.unwrapAesKw(await key.wrapAesKw(key));
      length = await key.byteLength;
      total = count;
      // The control: what is looked up is seen.
      spied.port1.postMessage([..."text"]);
    });
    spied.port1.close();
    const names = Array.from({ length: total }, (_, i) => seen[i]);
    equal(names.join(), "", "what was seen");
    equal(count > total, true);
    equal(`${tag.length} ${opened.join()} ${first} ${length}`, `32 ${bytes(7).join()} 5 32`);
    await terminate();
  },
};
