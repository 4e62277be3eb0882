// The two modules that are compared, each with the memory that it doesn't show, behind the same few steps.

import { nextLinearMemory } from "../residue/linear-memory.mjs";

const utf8 = new TextEncoder();
const MESSAGE = utf8.encode("a message to sign");
const PLAINTEXT = utf8.encode("a text to encrypt");
const NONE = new Uint8Array(0);

/** What a callback throws, and the page catches. */
class Thrown extends Error {}

function throwThrown() {
  throw new Thrown("of the callback");
}

/** `bytes` in memory of their own, which the module may take and wipe. */
const copyOf = (bytes) => new Uint8Array(bytes);

/** This package. What it needs of the language it takes at import, so the page has to look before that. */
export async function strongroom() {
  const next = nextLinearMemory();
  const { Secret, init } = await import("./package/init.js");
  init(await WebAssembly.compileStreaming(fetch("package/strongroom.wasm")));
  return {
    memory: await next,
    make: (bytes) => Secret.fromBytes(copyOf(bytes)),
    sign: (secret) => secret.hmacSha256(MESSAGE),
    encrypt(secret) {
      const key = secret.hkdfSha256(NONE, NONE, 32);
      try {
        return key.seal("aes256-gcm", PLAINTEXT);
      } finally {
        key.close();
      }
    },
    replace: (secret, bytes) => secret.replace(copyOf(bytes)),
    throwInside: (secret) => caught(() => secret.withBytes(throwThrown)),
    close: (secret) => secret.close(),
  };
}

/** The module that one writes in an afternoon. */
export async function naive() {
  const { Secret, default: init } = await import("./naive/naive.js");
  const { memory } = await init();
  return {
    memory,
    make: (bytes) => new Secret(copyOf(bytes)),
    sign: (secret) => secret.hmacSha256(MESSAGE),
    encrypt: (secret) => secret.seal(crypto.getRandomValues(new Uint8Array(12)), PLAINTEXT),
    replace: (secret, bytes) => secret.replace(copyOf(bytes)),
    throwInside: (secret) => caught(() => secret.withBytes(throwThrown)),
    close: (secret) => secret.close(),
  };
}

/** Catches what the callback threw, as a program would that goes on. */
function caught(use) {
  try {
    use();
  } catch (error) {
    if (!(error instanceof Thrown)) throw error;
  }
}
