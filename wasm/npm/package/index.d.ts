/// <reference lib="esnext.disposable" />

// Nothing is exported but what says so.
export {};

/** A `Uint8Array` on a buffer of its own that isn't shared: `Uint8Array<ArrayBuffer>` where TypeScript has that. */
type Bytes = ReturnType<Uint8Array["slice"]>;

/**
 * A secret: bytes that live in WebAssembly memory, and are wiped when they are closed.
 *
 * Bytes come as {@link ByteSource} and go as `Uint8Array`s, of at most 16 MiB. A secret is never taken from a
 * string, which nobody can wipe; a {@link Message} may be one. Printed by `console.log`, by `JSON.stringify` or
 * in a template, a secret says that it is one, and nothing else.
 *
 * Methods throw a {@link SecretError} that says in `code` why, and a `TypeError` for an argument of the
 * wrong type; a call that threw has changed nothing.
 */
export class Secret {
  // So that TypeScript, too, takes no other object for one, nor a secret of another entry or copy of this package.
  #private;
  private constructor();

  /**
   * A secret of `length` bytes, at most 16 MiB, from the platform's cryptographic random source. They pass
   * through one buffer on their way, which is wiped.
   */
  static random(length: number): Secret;

  /**
   * A password of `length` bytes, at most 4096, each of which is any byte of `alphabet` with the same
   * probability. The alphabet has at least two bytes, and none of them twice.
   */
  static password(alphabet: ByteSource, length: number): Secret;

  /** A secret with the given bytes, which are overwritten with zeros. */
  static fromBytes(bytes: ByteSource): Secret;

  /**
   * A secret with the bytes that `text` says in `encoding`: text as bytes in ASCII, which are overwritten with
   * zeros, as of a file. Space around it counts for nothing, nor whether base64 is padded. It is decoded in a time
   * that depends on its length only.
   */
  static fromEncoded(encoding: Encoding, text: ByteSource): Secret;

  /**
   * A secret with the bytes of `key`, which can be exported. Its copy on the way is wiped; the key itself stays
   * in the platform's memory until the garbage collector takes it.
   */
  static fromCryptoKey(key: PlatformKey): Promise<Secret>;

  /**
   * A key of the platform's for `crypto.subtle`, which can't be exported, with these bytes: for large data,
   * which engines encrypt faster. `algorithm` and `usages` are as for `importKey`. Its copy on the way is wiped;
   * the key is a copy that stays in the platform's memory until the garbage collector takes it, whatever becomes
   * of this secret. So make it of a secret that was derived for it.
   */
  toCryptoKey(algorithm: string | { name: string }, usages: readonly KeyUse[]): Promise<PlatformKey>;

  /**
   * Calls `callback` with a copy of the bytes and returns what it returns. The copy is filled with
   * zeros when the callback ends, also when it throws. If it returns a promise, the copy is filled
   * with zeros when that settles, and what is returned here is a promise of the same outcome; one
   * that never settles keeps the copy. A result that would read the copy later (a generator, an
   * iterator, a stream), the copy itself, its buffer and other views of that are a `TypeError`.
   *
   * The callback may close or replace the secret; its copy stays as it is.
   */
  withBytes<T>(callback: (bytes: Bytes) => T): T;

  /**
   * As `withBytes`, with the bytes as text in `encoding`: ASCII, which is filled with zeros afterwards. A string
   * made of it can't be.
   */
  withEncoded<T>(encoding: Encoding, callback: (text: Bytes) => T): T;

  /**
   * Copies the bytes to the front of `target` and returns how many there are. Wiping them there is the
   * caller's affair.
   */
  copyInto(target: ByteSource): number;

  /**
   * Gives the secret new bytes, of any length, which are overwritten with zeros. If it is cut short (see
   * `interrupted`), the secret has its old bytes or the new ones.
   */
  replace(bytes: ByteSource): void;

  /**
   * Another handle on this secret, which may be used in these ways alone, of those that this one may: for code that
   * needs no more. Any other use of it is `not-permitted`, and it never gets more.
   *
   * It can't replace the secret's bytes, and closing it ends it and what was restricted from it, and not the secret.
   * Closing what it was restricted from ends it. What is made from the secret by it may be used for anything but
   * `reveal` and `export`, which it has only if this handle has.
   *
   * It keeps code from what it isn't meant to do. Code that looks for secrets in the memory of the page needs no
   * handle, unless they are in a worker.
   */
  restrict(uses: readonly Use[]): Secret;

  /**
   * Whether this secret and `other` have the same bytes, compared in a time that depends on their
   * lengths only.
   */
  equals(other: Secret): boolean;

  /** Wipes the bytes and ends the secret. A second call does nothing. */
  close(): void;

  /** What `close` does. */
  [Symbol.dispose](): void;

  /** What `close` does, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;

  /** Whether the secret has been closed. */
  readonly isClosed: boolean;

  /** How many bytes the secret has. */
  readonly byteLength: number;

  /** Throws a `TypeError`: a secret is read by `withBytes` and `copyInto`. */
  [Symbol.iterator](): never;

  /** What `Object.prototype.toString` says. */
  readonly [Symbol.toStringTag]: "Secret";

  /** "Secret([redacted])": JSON shows nothing of a secret. */
  toJSON(): string;
  //#if mac

  /** The HMAC-SHA256 tag of `message` with the secret as the key: 32 bytes. */
  hmacSha256(message: Message): Bytes;

  /**
   * Whether `tag` is the HMAC-SHA256 tag of `message`, compared in constant time. A tag that hasn't 32
   * bytes is not.
   */
  verifyHmacSha256(message: Message, tag: ByteSource): boolean;

  /** The HMAC-SHA384 tag of `message` with the secret as the key: 48 bytes. */
  hmacSha384(message: Message): Bytes;

  /**
   * Whether `tag` is the HMAC-SHA384 tag of `message`, compared in constant time. A tag that hasn't 48
   * bytes is not.
   */
  verifyHmacSha384(message: Message, tag: ByteSource): boolean;

  /** The HMAC-SHA512 tag of `message` with the secret as the key: 64 bytes. */
  hmacSha512(message: Message): Bytes;

  /**
   * Whether `tag` is the HMAC-SHA512 tag of `message`, compared in constant time. A tag that hasn't 64
   * bytes is not.
   */
  verifyHmacSha512(message: Message, tag: ByteSource): boolean;
  //#endif
  //#if aead

  /**
   * Encrypts `plaintext` with the secret as the key, which has 32 bytes. The nonce is made inside, at
   * random; the result is nonce, ciphertext and tag, in this order.
   *
   * `associatedData` is not encrypted; opening takes the same.
   */
  seal(algorithm: AeadAlgorithm, plaintext: Message, associatedData?: Message): Bytes;

  /**
   * Decrypts what `seal` made with the same key and the same associated data.
   *
   * Wiping the plaintext is the caller's affair: `fill(0)` does, since the garbage collector doesn't
   * move it. A plaintext that is itself a secret is better opened by `unwrapAead`.
   */
  open(algorithm: AeadAlgorithm, sealed: ByteSource, associatedData?: Message): Bytes;

  /**
   * Encrypts `plaintext` under a nonce of the caller's; the result is ciphertext and tag. Two messages
   * under one nonce and key give away both, and with AES-256-GCM the means to forge others.
   */
  sealWithNonce(
    algorithm: AeadAlgorithm,
    nonce: ByteSource,
    plaintext: Message,
    associatedData?: Message,
  ): Bytes;

  /**
   * Decrypts what `sealWithNonce` made with the same key, nonce and associated data. As with `open`,
   * wiping the plaintext is the caller's affair.
   */
  openWithNonce(
    algorithm: AeadAlgorithm,
    nonce: ByteSource,
    sealed: ByteSource,
    associatedData?: Message,
  ): Bytes;
  //#endif
  //#if kdf

  /**
   * A secret of `length` bytes, at most 8160, derived by HKDF-SHA256 (RFC 5869). This secret must be as
   * hard to guess as a key; for passwords there is `argon2id`. An empty `salt` stands for none, and
   * `info` has at most 65,536 bytes.
   */
  hkdfSha256(salt: ByteSource, info: ByteSource, length: number): Secret;

  /**
   * A secret of `length` bytes, at least 4, derived from this one, a password, by Argon2id (RFC 9106)
   * with a `salt` of at least 8 bytes. It blocks its thread for as long as `cost` says, so a page calls
   * it in a worker.
   */
  argon2id(salt: ByteSource, cost: Argon2Cost, length: number): Secret;
  //#endif
  //#if sign

  /**
   * The Ed25519 signature (RFC 8032) of `message` by the secret, a seed of 32 bytes, which the RFC calls
   * the private key: 64 bytes.
   */
  signEd25519(message: Message): Bytes;

  /** The Ed25519 public key of the secret, a seed of 32 bytes: 32 bytes. */
  ed25519PublicKey(): Bytes;

  /**
   * Whether `signature` is an Ed25519 signature of `message` under `publicKey`, which has 32 bytes.
   * Needs no secret.
   */
  static verifyEd25519(publicKey: ByteSource, message: Message, signature: ByteSource): boolean;
  //#endif
  //#if wrap

  /** `secret` as ciphertext under this one as the key, in the form of `seal`. */
  wrapAead(algorithm: AeadAlgorithm, secret: Secret, associatedData?: Message): Bytes;

  /**
   * The secret that `wrapAead` or `seal` made `wrapped` of, with the same key and associated data. Its
   * bytes never exist outside it.
   */
  unwrapAead(algorithm: AeadAlgorithm, wrapped: ByteSource, associatedData?: Message): Secret;

  /**
   * `secret`, of 16 to 65,536 bytes and a multiple of 8, under this one as the key of 32 bytes, by AES-256
   * key wrap (RFC 3394): 8 bytes longer, and the same every time.
   */
  wrapAesKw(secret: Secret): Bytes;

  /** The secret that `wrapAesKw` wrapped with the same key. */
  unwrapAesKw(wrapped: ByteSource): Secret;
  //#endif
}

/** Bytes that are given: of an `ArrayBuffer`, all of it; of the others, those that they show. */
export type ByteSource = Uint8Array | ArrayBuffer | DataView;

/**
 * What is signed or encrypted. A string stands for its bytes in UTF-8, which are written where they are used
 * and wiped there; the string itself stays until the garbage collector takes it.
 */
export type Message = string | ByteSource;

/** How bytes are written as text (RFC 4648). */
export type Encoding =
  /** Two small letters or digits for each byte; capital letters are read as well. */
  | "hex"
  /** Padded. */
  | "base64"
  /** With `-` and `_`, and not padded, as in JSON Web Keys. */
  | "base64url";

/** The platform's `CryptoKey`, where TypeScript knows it. */
export type PlatformKey = typeof globalThis extends { CryptoKey: { prototype: infer K } } ? K : object;

/** What a secret may be used for by a handle. */
export type Use =
  /** Be the key of message authentication: make tags, and verify them. */
  | "mac"
  /** Verify tags of message authentication, and not make any. */
  | "verify"
  /** Encrypt. */
  | "seal"
  /** Decrypt. */
  | "open"
  /** Derive other secrets. */
  | "kdf"
  /** Be the seed of signatures, and tell its public key. */
  | "sign"
  /** Wrap other secrets, and unwrap them. */
  | "wrap"
  /** Leave as ciphertext, wrapped by a key that whoever does it may have chosen: mostly as good as `reveal`. */
  | "export"
  /** Be read: `withBytes`, `withEncoded`, `copyInto`, `toCryptoKey`. */
  | "reveal"
  /** Be compared with another: what is easy to guess can be found out so. */
  | "equals";

/** What a key of the platform's is for, as Web Crypto says it. */
export type KeyUse = "encrypt" | "decrypt" | "sign" | "verify" | "deriveKey" | "deriveBits" | "wrapKey" | "unwrapKey";
//#if aead wrap

/** An algorithm for authenticated encryption; each takes a key of 32 bytes. */
export type AeadAlgorithm =
  /** AES-256 in Galois/counter mode (NIST SP 800-38D), with a nonce of 12 bytes. */
  | "aes256-gcm"
  /** ChaCha20 and Poly1305 (RFC 8439), with a nonce of 12 bytes. */
  | "chacha20-poly1305"
  /** ChaCha20 and Poly1305 with a nonce of 24 bytes (draft-irtf-cfrg-xchacha-03). */
  | "xchacha20-poly1305";
//#endif
//#if kdf

/**
 * What one Argon2id takes, so that guessing takes as much each time. RFC 9106 recommends 65,536 KiB,
 * 3 passes and 4 lanes where memory is scarce. More than 131,072 KiB, 8 passes or 16 lanes is refused
 * as `too-costly`.
 */
export interface Argon2Cost {
  /** Memory in KiB, at least 8 for each lane. WebAssembly memory that has grown stays so. */
  memoryKib: number;
  /** Passes over the memory, at least 1. */
  passes: number;
  /** Lanes, at least 1. They change the result; here they are computed one after another. */
  lanes: number;
}
//#endif

/** Why strongroom refused something: `code` for programs, `message` for people. */
export class SecretError extends Error {
  /** Why, in a word that doesn't change between versions. */
  readonly code: Code;

  /** What was thrown by others, where that is the reason. */
  readonly cause?: unknown;

  /** Whether `error` is one of these, also of another copy of this package, where `instanceof` fails. */
  static is(error: unknown): error is SecretError;
}

/** The values of {@link SecretError.code}. */
export type Code =
  /** The secret has been closed. */
  | "closed"
  /** A secret has at least one byte. */
  | "empty"
  /** More than 16 MiB, or than an operation's own limit, which the message says. */
  | "too-large"
  /** The target of `copyInto` is shorter than the secret. */
  | "buffer-too-small"
  /** The bytes before the current ones are still in use. */
  | "busy"
  /** What was to be opened or unwrapped is not what was sealed, or not with this key, nonce or data. */
  | "not-authentic"
  /** A key or an argument has a size that the algorithm doesn't take; the message says which. */
  | "wrong-size"
  /** A cost of Argon2id above what is allowed. */
  | "too-costly"
  /** The handle was restricted to other uses, or isn't one that may replace the bytes. */
  | "not-permitted"
  /** The text is not of the encoding that it is said to be of. */
  | "malformed"
  /** WebAssembly memory can't grow any further. */
  | "out-of-memory"
  /** The platform has no random bytes to give, or what it gave isn't random. */
  | "random"
  /**
   * The call was cut short by the `cause`: a trap, no memory for the result. It has made no secret, and all are
   * as before it, but for one that it was to replace: its content is the old or the new, as a whole. The same
   * holds after a time-out of `node:vm`, whose own error is thrown then; it may also have closed a secret or made
   * one, and leaves unwiped what the call had copied or was to wipe.
   */
  | "interrupted"
  /** A call was cut short and the secrets couldn't be saved: all are wiped, for good. */
  | "lost"
  /** `init` of `strongroom/init` hasn't been called. */
  | "not-ready"
  /** The thread of `strongroom/worker` that held the secret has ended, and the secret with it. */
  | "terminated";
