// Signs a message with the key in a file: `node sign.mjs FILE "a message"`, where `npm install strongroom`
// has been. In a browser it is the same, but for where the bytes come from.

import { readFileSync } from "node:fs";

import { Secret, SecretError } from "strongroom";

const [file, message = "a message"] = process.argv.slice(2);
try {
  const key = load(file);
  console.log(sign(key, new TextEncoder().encode(message)));
  key.close(); // the bytes are gone; without it, they are when the garbage collector comes by
} catch (error) {
  console.error(`error: ${error.message}`);
  // What went wrong, for programs: "empty", "too-large", ..
  if (SecretError.is(error)) console.error(`code: ${error.code}`);
  process.exitCode = 1;
}

/** The key in a file, of which no copy is left in JavaScript's memory. */
function load(path) {
  if (path === undefined) throw new Error("which file has the key?");
  return Secret.fromBytes(readFileSync(path)); // what was read is all zeros now
}

/** The tag of a message in hexadecimal, once it was seen to verify. */
function sign(key, message) {
  const tag = key.hmacSha256(message); // the key stays where it is
  if (!key.verifyHmacSha256(message, tag)) throw new Error("the key was replaced meanwhile");
  return Array.from(tag, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
