// The class: what users see of the operations. Arguments that run code of others when they are looked
// at (options, random sources) are looked at before anything is entered.

import { FinalizationRegistry, TypeError, apply, defineProperty, freeze, lengthOf, register, unregister } from "./intrinsics.js";
import { LONGEST, NONE, bytesOf, messageOf, wipe, writableOf } from "./bytes.js";
import { described } from "./described.js";
import { adopted, ask, copied, copiedInto, end, ended, enter, forget, number, taken, truth } from "./engine.js";
import { checkCallback, lend } from "./lend.js";
import { opaque } from "./opaque.js";
import { algorithmOf, asLength, costOf, encodingOf, usesOf } from "./options.js";
import { randomBytes } from "./random.js";
import { exported, imported } from "./webcrypto.js";

/** What the method was called on. */
const RECEIVER = "this";

/** Shown to the constructor by those who may call it. */
const MADE_HERE = {};

/** Secrets that were forgotten end when the collector finds the last of their handles. */
const forgotten = new FinalizationRegistry(forget);

/** The life of what was ended by closing what it was restricted from. */
const OVER = freeze({ number: 0, closed: true, from: undefined });

/** The algorithms' longest nonce. */
const NONCE = 24;

const { Opaque, become } = opaque();

/** The life of a secret, which may be anything. */
let lifeOf;

/** A handle that may be used in these ways, of those that the one with this life may. */
let restricted;

/** Takes a handle's life, as if nobody had it any more. */
let drop;

/** A secret by the operation called `name`, with the arguments of `enter`. */
let make;

export class Secret extends Opaque {
  /**
   * `number` is the handle's in WebAssembly, 0 when it has ended; `closed`, whether by a close; `from`, the life of
   * what it was restricted from.
   */
  #life;

  constructor(made) {
    if (made !== MADE_HERE) {
      throw new TypeError("a Secret is made by fromBytes, random or password, not by its constructor");
    }
    super();
    this.#life = { number: 0, closed: false, from: undefined };
    register(forgotten, this, this.#life, this.#life);
  }

  // What only the class can do; nothing in it looks up the class by its name.
  static {
    lifeOf = (secret, role) => {
      if (typeof secret !== "object" || secret === null || !(#life in secret)) {
        throw new TypeError(`\`${role}\` must be a Secret, not ${described(secret)}`);
      }
      const life = secret.#life;
      return life.from !== undefined && ended(life) ? OVER : life;
    };
    restricted = (life, uses) => {
      const secret = new this(MADE_HERE);
      // First, so that it is never without.
      secret.#life.from = life;
      ask("restrict", adopted, secret.#life, life.number, uses);
      return secret;
    };
    drop = (secret) => {
      forget(secret.#life);
      unregister(forgotten, secret.#life);
    };
    make = (name, a, b, c, d, e, first, second, third, random) => {
      // Everything that may fail outside comes first, so that what is made is never without an owner.
      const secret = new this(MADE_HERE);
      enter(name, adopted, secret.#life, a, b, c, d, e, first, second, third, random);
      return secret;
    };
  }

  static random(length) {
    const bytes = asLength(length) > LONGEST ? NONE : randomBytes(length);
    return make("random_secret", length, 0, 0, 0, 0, NONE, NONE, NONE, bytes);
  }

  static password(alphabet, length) {
    const letters = bytesOf(alphabet, "alphabet");
    // Some are thrown away: fewer than half of them, on average.
    const bytes = asLength(length) > LONGEST ? NONE : randomBytes(3 * length + 256);
    return make("password", length, 0, 0, 0, 0, letters, NONE, NONE, bytes);
  }

  static fromBytes(bytes) {
    const source = writableOf(bytes, "bytes");
    const secret = make("from_bytes", 0, 0, 0, 0, 0, source, NONE, NONE, NONE);
    wipe(source);
    return secret;
  }

  static fromEncoded(encoding, text) {
    const which = encodingOf(encoding);
    const source = writableOf(text, "text");
    const secret = make("from_encoded", which, 0, 0, 0, 0, source, NONE, NONE, NONE);
    wipe(source);
    return secret;
  }

  static async fromCryptoKey(key) {
    const bytes = await exported(key);
    try {
      return make("from_bytes", 0, 0, 0, 0, 0, bytes, NONE, NONE, NONE);
    } finally {
      wipe(bytes);
    }
  }

  async toCryptoKey(algorithm, usages) {
    return imported(ask("reveal", copied, undefined, lifeOf(this, RECEIVER).number, Infinity), algorithm, usages);
  }

  withBytes(callback) {
    const life = lifeOf(this, RECEIVER);
    checkCallback(callback);
    return lend(ask("reveal", copied, undefined, life.number, Infinity), callback);
  }

  withEncoded(encoding, callback) {
    const life = lifeOf(this, RECEIVER);
    const which = encodingOf(encoding);
    checkCallback(callback);
    return lend(ask("encoded", taken, undefined, life.number, which), callback);
  }

  copyInto(target) {
    const life = lifeOf(this, RECEIVER);
    const room = writableOf(target, "target");
    return ask("reveal", copiedInto, room, life.number, lengthOf(room));
  }

  replace(bytes) {
    const life = lifeOf(this, RECEIVER);
    const source = writableOf(bytes, "bytes");
    enter("replace", number, undefined, life.number, 0, 0, 0, 0, source, NONE, NONE, NONE);
    wipe(source);
  }

  restrict(uses) {
    const life = lifeOf(this, RECEIVER);
    return restricted(life, usesOf(uses));
  }

  equals(other) {
    return ask("equals", truth, undefined, lifeOf(this, RECEIVER).number, lifeOf(other, "other").number);
  }

  close() {
    const life = lifeOf(this, RECEIVER);
    end(life);
    unregister(forgotten, life);
  }

  get isClosed() {
    return lifeOf(this, RECEIVER).number === 0;
  }

  get byteLength() {
    return ask("length", number, undefined, lifeOf(this, RECEIVER).number);
  }

  //#if mac

  hmacSha256(message) {
    return enter("hmac_sha256", taken, undefined, lifeOf(this, RECEIVER).number, 0, 0, 0, 0, messageOf(message, "message"), NONE, NONE, NONE);
  }

  verifyHmacSha256(message, tag) {
    return enter("verify_hmac_sha256", truth, undefined, lifeOf(this, RECEIVER).number, 0, 0, 0, 0, messageOf(message, "message"), bytesOf(tag, "tag"), NONE, NONE);
  }

  hmacSha384(message) {
    return enter("hmac_sha384", taken, undefined, lifeOf(this, RECEIVER).number, 0, 0, 0, 0, messageOf(message, "message"), NONE, NONE, NONE);
  }

  verifyHmacSha384(message, tag) {
    return enter("verify_hmac_sha384", truth, undefined, lifeOf(this, RECEIVER).number, 0, 0, 0, 0, messageOf(message, "message"), bytesOf(tag, "tag"), NONE, NONE);
  }

  hmacSha512(message) {
    return enter("hmac_sha512", taken, undefined, lifeOf(this, RECEIVER).number, 0, 0, 0, 0, messageOf(message, "message"), NONE, NONE, NONE);
  }

  verifyHmacSha512(message, tag) {
    return enter("verify_hmac_sha512", truth, undefined, lifeOf(this, RECEIVER).number, 0, 0, 0, 0, messageOf(message, "message"), bytesOf(tag, "tag"), NONE, NONE);
  }
  //#endif
  //#if aead

  seal(algorithm, plaintext, associatedData = NONE) {
    const life = lifeOf(this, RECEIVER);
    const which = algorithmOf(algorithm);
    const content = messageOf(plaintext, "plaintext");
    const data = messageOf(associatedData, "associatedData");
    const nonce = randomBytes(NONCE);
    return enter("seal", taken, undefined, life.number, which, 0, 0, 0, content, data, NONE, nonce);
  }

  open(algorithm, sealed, associatedData = NONE) {
    const life = lifeOf(this, RECEIVER);
    const which = algorithmOf(algorithm);
    const content = bytesOf(sealed, "sealed");
    const data = messageOf(associatedData, "associatedData");
    return enter("open", taken, undefined, life.number, which, 0, 0, 0, content, data, NONE, NONE);
  }

  sealWithNonce(algorithm, nonce, plaintext, associatedData = NONE) {
    const life = lifeOf(this, RECEIVER);
    const which = algorithmOf(algorithm);
    const once = bytesOf(nonce, "nonce");
    const content = messageOf(plaintext, "plaintext");
    const data = messageOf(associatedData, "associatedData");
    return enter("seal_with_nonce", taken, undefined, life.number, which, 0, 0, 0, content, data, once, NONE);
  }

  openWithNonce(algorithm, nonce, sealed, associatedData = NONE) {
    const life = lifeOf(this, RECEIVER);
    const which = algorithmOf(algorithm);
    const once = bytesOf(nonce, "nonce");
    const content = bytesOf(sealed, "sealed");
    const data = messageOf(associatedData, "associatedData");
    return enter("open_with_nonce", taken, undefined, life.number, which, 0, 0, 0, content, data, once, NONE);
  }
  //#endif
  //#if kdf

  hkdfSha256(salt, info, length) {
    const life = lifeOf(this, RECEIVER);
    return make("hkdf_sha256", life.number, asLength(length), 0, 0, 0, bytesOf(salt, "salt"), bytesOf(info, "info"), NONE, NONE);
  }

  argon2id(salt, cost, length) {
    const life = lifeOf(this, RECEIVER);
    // First, since its getters are code of others, which may do anything to the salt.
    const { memoryKib, passes, lanes } = costOf(cost);
    return make("argon2id", life.number, asLength(length), memoryKib, passes, lanes, bytesOf(salt, "salt"), NONE, NONE, NONE);
  }
  //#endif
  //#if sign

  signEd25519(message) {
    const life = lifeOf(this, RECEIVER);
    return enter("sign_ed25519", taken, undefined, life.number, 0, 0, 0, 0, messageOf(message, "message"), NONE, NONE, NONE);
  }

  ed25519PublicKey() {
    return ask("ed25519_public_key", taken, undefined, lifeOf(this, RECEIVER).number);
  }

  static verifyEd25519(publicKey, message, signature) {
    const key = bytesOf(publicKey, "publicKey");
    const content = messageOf(message, "message");
    return enter("verify_ed25519", truth, undefined, 0, 0, 0, 0, 0, key, content, bytesOf(signature, "signature"), NONE);
  }
  //#endif
  //#if wrap

  wrapAead(algorithm, secret, associatedData = NONE) {
    const key = lifeOf(this, RECEIVER);
    const which = algorithmOf(algorithm);
    const wrapped = lifeOf(secret, "secret");
    const data = messageOf(associatedData, "associatedData");
    const nonce = randomBytes(NONCE);
    return enter("wrap_aead", taken, undefined, key.number, which, wrapped.number, 0, 0, NONE, data, NONE, nonce);
  }

  unwrapAead(algorithm, wrapped, associatedData = NONE) {
    const life = lifeOf(this, RECEIVER);
    const which = algorithmOf(algorithm);
    const content = bytesOf(wrapped, "wrapped");
    const data = messageOf(associatedData, "associatedData");
    return make("unwrap_aead", life.number, which, 0, 0, 0, content, data, NONE, NONE);
  }

  wrapAesKw(secret) {
    const life = lifeOf(this, RECEIVER);
    return ask("wrap_aes_kw", taken, undefined, life.number, lifeOf(secret, "secret").number);
  }

  unwrapAesKw(wrapped) {
    const life = lifeOf(this, RECEIVER);
    return make("unwrap_aes_kw", life.number, 0, 0, 0, 0, bytesOf(wrapped, "wrapped"), NONE, NONE, NONE);
  }
  //#endif
}

/** Takes the life of `secret`, as if nobody had it any more: it may be one handle of several. */
export const forgetting = (secret) => drop(secret);

const { prototype } = Secret;
become(prototype);
const disposals = {
  dispose: prototype.close,
  async asyncDispose() {
    apply(prototype.close, this, []);
  },
};
for (const name of ["dispose", "asyncDispose"]) {
  if (Symbol[name]) defineProperty(prototype, Symbol[name], { value: disposals[name], writable: true, configurable: true });
}
// `super` is looked up at each call, and so are methods by those who use them.
freeze(prototype);
// Builds that count bytes shorten it.
defineProperty(Secret, "name", { value: "Secret" });
freeze(Secret);
