// Every use of a secret, for checks that go through all of them.

const ALGORITHM = "aes256-gcm";
const CHEAP = { memoryKib: 8, passes: 1, lanes: 1 };

/** What needs a secret of 32 bytes, by name. Each gives bytes, a number, a boolean or nothing. */
export function usesOf(Secret) {
  const bytes = (length = 32) => new Uint8Array(length).fill(5);
  const other = Secret.fromBytes(bytes());
  const closed = (secret) => {
    const { byteLength } = secret;
    secret.close();
    return byteLength;
  };
  return {
    withBytes: (key) => key.withBytes((copy) => copy[31]),
    copyInto: (key) => key.copyInto(bytes(40)),
    byteLength: (key) => key.byteLength,
    isClosed: (key) => key.isClosed,
    equals: (key) => key.equals(other),
    restrict: (key) => closed(key.restrict(["mac"])),
    random: () => closed(Secret.random(32)),
    password: () => closed(Secret.password(Uint8Array.of(1, 2, 3), 32)),
    fromBytes: () => closed(Secret.fromBytes(bytes())),
    replace: (key) => other.replace(bytes()),
    withEncoded: (key) => key.withEncoded("base64", (text) => text[31]),
    fromEncoded: () => closed(Secret.fromEncoded("hex", bytes(32).fill(0x37))),
    hmacSha256: (key) => key.hmacSha256(bytes(200)),
    verifyHmacSha256: (key) => key.verifyHmacSha256(bytes(), bytes()),
    hmacSha384: (key) => key.hmacSha384(bytes()),
    verifyHmacSha384: (key) => key.verifyHmacSha384(bytes(), bytes(48)),
    hmacSha512: (key) => key.hmacSha512(bytes()),
    verifyHmacSha512: (key) => key.verifyHmacSha512(bytes(), bytes(64)),
    seal: (key) => key.open(ALGORITHM, key.seal(ALGORITHM, bytes(100), bytes(3)), bytes(3)),
    sealWithNonce: (key) =>
      key.openWithNonce(ALGORITHM, bytes(12), key.sealWithNonce(ALGORITHM, bytes(12), bytes(100))),
    hkdfSha256: (key) => closed(key.hkdfSha256(bytes(), bytes(), 16)),
    argon2id: (key) => closed(key.argon2id(bytes(), CHEAP, 16)),
    signEd25519: (key) => key.signEd25519(bytes()),
    ed25519PublicKey: (key) => key.ed25519PublicKey(),
    verifyEd25519: () => Secret.verifyEd25519(bytes(), bytes(), bytes(64)),
    wrapAead: (key) => closed(key.unwrapAead(ALGORITHM, key.wrapAead(ALGORITHM, other))),
    wrapAesKw: (key) => closed(key.unwrapAesKw(key.wrapAesKw(other))),
  };
}

/** Calls with one argument that is bytes, by method and argument; of the others there is nothing to say. */
export function takersOfBytes(Secret, key) {
  const bytes = (length = 32) => new Uint8Array(length);
  return {
    "fromBytes, bytes": (argument) => Secret.fromBytes(argument),
    "password, alphabet": (argument) => Secret.password(argument, 8),
    "fromEncoded, text": (argument) => Secret.fromEncoded("hex", argument),
    "replace, bytes": (argument) => key.replace(argument),
    "copyInto, target": (argument) => key.copyInto(argument),
    "hmacSha256, message": (argument) => key.hmacSha256(argument),
    "verifyHmacSha256, message": (argument) => key.verifyHmacSha256(argument, bytes()),
    "verifyHmacSha256, tag": (argument) => key.verifyHmacSha256(bytes(), argument),
    "hmacSha384, message": (argument) => key.hmacSha384(argument),
    "verifyHmacSha384, message": (argument) => key.verifyHmacSha384(argument, bytes()),
    "verifyHmacSha384, tag": (argument) => key.verifyHmacSha384(bytes(), argument),
    "hmacSha512, message": (argument) => key.hmacSha512(argument),
    "verifyHmacSha512, message": (argument) => key.verifyHmacSha512(argument, bytes()),
    "verifyHmacSha512, tag": (argument) => key.verifyHmacSha512(bytes(), argument),
    "seal, plaintext": (argument) => key.seal(ALGORITHM, argument),
    "seal, associatedData": (argument) => key.seal(ALGORITHM, bytes(), argument),
    "open, sealed": (argument) => key.open(ALGORITHM, argument),
    "open, associatedData": (argument) => key.open(ALGORITHM, bytes(60), argument),
    "sealWithNonce, nonce": (argument) => key.sealWithNonce(ALGORITHM, argument, bytes()),
    "sealWithNonce, plaintext": (argument) => key.sealWithNonce(ALGORITHM, bytes(12), argument),
    "sealWithNonce, associatedData": (argument) => key.sealWithNonce(ALGORITHM, bytes(12), bytes(), argument),
    "openWithNonce, nonce": (argument) => key.openWithNonce(ALGORITHM, argument, bytes()),
    "openWithNonce, sealed": (argument) => key.openWithNonce(ALGORITHM, bytes(12), argument),
    "openWithNonce, associatedData": (argument) => key.openWithNonce(ALGORITHM, bytes(12), bytes(), argument),
    "hkdfSha256, salt": (argument) => key.hkdfSha256(argument, bytes(), 8),
    "hkdfSha256, info": (argument) => key.hkdfSha256(bytes(), argument, 8),
    "argon2id, salt": (argument) => key.argon2id(argument, CHEAP, 8),
    "signEd25519, message": (argument) => key.signEd25519(argument),
    "verifyEd25519, publicKey": (argument) => Secret.verifyEd25519(argument, bytes(), bytes()),
    "verifyEd25519, message": (argument) => Secret.verifyEd25519(bytes(), argument, bytes()),
    "verifyEd25519, signature": (argument) => Secret.verifyEd25519(bytes(), bytes(), argument),
    "wrapAead, associatedData": (argument) => key.wrapAead(ALGORITHM, key, argument),
    "unwrapAead, wrapped": (argument) => key.unwrapAead(ALGORITHM, argument),
    "unwrapAead, associatedData": (argument) => key.unwrapAead(ALGORITHM, bytes(60), argument),
    "unwrapAesKw, wrapped": (argument) => key.unwrapAesKw(argument),
  };
}

/** Whether the argument of a taker, by its name, is a message. */
export const isMessage = (name) => /, (message|plaintext|associatedData)$/.test(name);
