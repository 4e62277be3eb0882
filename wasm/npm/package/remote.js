// The class of `strongroom/worker`: handles on secrets in another thread, where a copy of the package has
// them. Its methods are those of secret.js. What arguments are is looked at here, before anything is sent.

import {
  FinalizationRegistry,
  Promise,
  TypeError,
  defineProperty,
  freeze,
  lengthOf,
  register,
  set,
} from "./intrinsics.js";
import { LONGEST, bytesOf, messageOf, wipe, writableOf, zeros } from "./bytes.js";
import { call, connected, discard, tell } from "./connection.js";
import { described } from "./described.js";
import { SecretError } from "./error.js";
import { home } from "./home.js";
import { checkCallback, lend } from "./lend.js";
import { opaque } from "./opaque.js";
import { algorithmOf, asLength, costOf, encodingOf, usesListed } from "./options.js";
import { utf8Length, writeUtf8 } from "./utf8.js";

/** Shown to the constructor by those who may call it. */
const MADE_HERE = {};

/** Of a secret that is forgotten here, the thread forgets one handle. */
const forgotten = new FinalizationRegistry(({ connection, number }) => tell(connection, "forget", number));

const { Opaque, become } = opaque();

/** The life of a secret, which may be anything. */
let lifeOf;

/** A handle on the secret that has this number at the other end. */
let handle;

export class Secret extends Opaque {
  /** Where the secret is: a connection, and the number that it has there. */
  #life;

  constructor(made, life) {
    if (made !== MADE_HERE) {
      throw new TypeError("a Secret is made by fromBytes, random or password, not by its constructor");
    }
    super();
    this.#life = life;
    register(forgotten, this, life, life);
  }

  static {
    lifeOf = (secret, role) => {
      if (typeof secret !== "object" || secret === null || !(#life in secret)) {
        throw new TypeError(`\`${role}\` must be a Secret of strongroom/worker, not ${described(secret)}`);
      }
      return secret.#life;
    };
    handle = (connection, number) => new this(MADE_HERE, { connection, number });
  }

  /** The secret behind a port of `toPort`. */
  static fromPort(port) {
    try {
      return handle(connected(port), 1);
    } catch (cause) {
      throw new TypeError(`\`port\` must be a MessagePort, not ${described(port)}`, { cause });
    }
  }

  static fromBytes(bytes) {
    return new Promise((resolve, reject) => {
      moveIn(bytes, "bytes", just, home(), "fromBytes", 0, resolve, reject);
    });
  }

  static fromEncoded(encoding, text) {
    return new Promise((resolve, reject) => {
      encodingOf(encoding);
      moveIn(text, "text", (copy) => pair(encoding, copy), home(), "fromEncoded", 0, resolve, reject);
    });
  }

  replace(bytes) {
    return new Promise((resolve, reject) => {
      const { connection, number } = lifeOf(this, "this");
      moveIn(bytes, "bytes", just, connection, "replace", number, resolve, reject);
    });
  }

  withBytes(callback) {
    return new Promise((resolve, reject) => {
      const { connection, number } = lifeOf(this, "this");
      checkCallback(callback);
      call(connection, "reveal", number, just(LONGEST), NOBODY, lending(callback, resolve, reject), reject);
    });
  }

  withEncoded(encoding, callback) {
    return new Promise((resolve, reject) => {
      const { connection, number } = lifeOf(this, "this");
      encodingOf(encoding);
      checkCallback(callback);
      call(connection, "encode", number, just(encoding), NOBODY, lending(callback, resolve, reject), reject);
    });
  }

  copyInto(target) {
    return new Promise((resolve, reject) => {
      const { connection, number } = lifeOf(this, "this");
      const room = writableOf(target, "target");
      const copied = (_, copy) => {
        try {
          set(room, copy);
          resolve(lengthOf(copy));
        } catch (cause) {
          reject(new TypeError("`target` has lost its bytes meanwhile", { cause }));
        } finally {
          wipe(copy);
        }
      };
      call(connection, "reveal", number, just(lengthOf(room)), NOBODY, copied, reject);
    });
  }
}

/** What lends an answer to `callback`. */
const lending = (callback, resolve, reject) => (_, copy) => {
  try {
    resolve(lend(copy, callback));
  } catch (error) {
    reject(error);
  }
};

/** The arguments where there are one or two, and none that is a secret. */
const just = (value) => pair(value, undefined);
const pair = (first, second) => [first, second, undefined, undefined];
const NOBODY = [0, 0, 0, 0];

/**
 * Asks for an operation on the argument called `argument`, with the `values` that a copy of it makes. It moves: it is
 * zeros here as soon as it is on its way.
 */
function moveIn(value, argument, values, connection, name, number, resolve, reject) {
  const source = writableOf(value, argument);
  const length = lengthOf(source);
  if (length > LONGEST) {
    throw new SecretError("too-large", `${length} bytes are too many; at most ${LONGEST} are possible here`);
  }
  const copy = moved(source);
  call(connection, name, number, values(copy), NOBODY, given(connection, resolve), reject);
  // Otherwise they stay here.
  if (connection.failure === undefined) wipe(source);
}

/** A copy of a message that can be transferred. */
function moved(message) {
  if (typeof message === "string") {
    const copy = zeros(utf8Length(message));
    writeUtf8(message, copy, 0);
    return copy;
  }
  const copy = zeros(lengthOf(message));
  set(copy, message);
  return copy;
}

/** Resolves a promise with an answer, of which `Object.prototype` is asked nothing. */
const given = (connection, resolve) => (what, value) => {
  const result = what === "secret" ? handle(connection, value) : value;
  if (typeof result !== "object") return resolve(result);
  defineProperty(result, "then", { __proto__: null, value: undefined, configurable: true });
  resolve(result);
  delete result.then;
};

// What arguments become on their way, each a function of the argument, its name and the connection.

const bytes = (value, name) => moved(bytesOf(value, name));
const message = (value, name) => moved(messageOf(value, name));
const associated = (value, name) => (value === undefined ? undefined : message(value, name));
const algorithm = (value) => {
  algorithmOf(value);
  return value;
};
const secret = (value, name, connection) => {
  const life = lifeOf(value, name);
  if (life.connection !== connection) {
    throw new TypeError(`\`${name}\` must be a Secret behind the same port, or of the same thread`);
  }
  return life.number;
};
/** What is cloned on its way. */
const cloned = (value) => value;

/** Operations, with what they take. */
const STATIC = {
  random: { length: asLength },
  password: { alphabet: bytes, length: asLength },
  fromCryptoKey: { key: cloned },
  //#if sign
  verifyEd25519: { publicKey: bytes, message, signature: bytes },
  //#endif
};
const OPERATIONS = {
  restrict: { uses: usesListed },
  equals: { other: secret },
  close: {},
  toPort: {},
  toCryptoKey: { algorithm: cloned, usages: cloned },
  //#if mac
  hmacSha256: { message },
  verifyHmacSha256: { message, tag: bytes },
  hmacSha384: { message },
  verifyHmacSha384: { message, tag: bytes },
  hmacSha512: { message },
  verifyHmacSha512: { message, tag: bytes },
  //#endif
  //#if aead
  seal: { algorithm, plaintext: message, associatedData: associated },
  open: { algorithm, sealed: bytes, associatedData: associated },
  sealWithNonce: { algorithm, nonce: bytes, plaintext: message, associatedData: associated },
  openWithNonce: { algorithm, nonce: bytes, sealed: bytes, associatedData: associated },
  //#endif
  //#if kdf
  hkdfSha256: { salt: bytes, info: bytes, length: asLength },
  argon2id: { salt: bytes, cost: costOf, length: asLength },
  //#endif
  //#if sign
  signEd25519: { message },
  ed25519PublicKey: {},
  //#endif
  //#if wrap
  wrapAead: { algorithm, secret, associatedData: associated },
  unwrapAead: { algorithm, wrapped: bytes, associatedData: associated },
  wrapAesKw: { secret },
  unwrapAesKw: { wrapped: bytes },
  //#endif
};

/** A method that asks for an operation: `where` gives the connection and number for what it is called on. */
function asking(name, taken, where) {
  const [first, second, third, fourth] = Object.entries(taken);
  const sent = (argument, value) =>
    argument === undefined || argument[1] === secret ? undefined : argument[1](value, argument[0]);
  const other = (argument, value, connection) =>
    argument !== undefined && argument[1] === secret ? secret(value, argument[0], connection) : 0;
  return function (a, b, c, d) {
    return new Promise((resolve, reject) => {
      const { connection, number } = where(this);
      const values = [undefined, undefined, undefined, undefined];
      let others;
      try {
        values[0] = sent(first, a);
        values[1] = sent(second, b);
        values[2] = sent(third, c);
        values[3] = sent(fourth, d);
        others = [other(first, a, connection), other(second, b, connection), 0, 0];
      } catch (error) {
        discard(values);
        throw error;
      }
      call(connection, name, number, values, others, given(connection, resolve), reject);
    });
  };
}

const { prototype } = Secret;
const here = (secret) => lifeOf(secret, "this");
const anywhere = () => ({ connection: home(), number: 0 });
const define = (object, name, property) => defineProperty(object, name, { configurable: true, ...property });
for (const [name, taken] of Object.entries(STATIC)) define(Secret, name, { value: asking(name, taken, anywhere) });
for (const [name, taken] of Object.entries(OPERATIONS)) define(prototype, name, { value: asking(name, taken, here) });
for (const name of ["isClosed", "byteLength"]) define(prototype, name, { get: asking(name, {}, here) });
if (Symbol.asyncDispose) define(prototype, Symbol.asyncDispose, { value: prototype.close });
become(prototype);
freeze(prototype);
freeze(Secret);
