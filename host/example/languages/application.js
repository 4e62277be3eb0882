// An application in JavaScript: it works with keys that it isn't shown.

import { open, seal } from "strongroom:secret/aead@0.1.0";
import { fromBytes, random } from "strongroom:secret/create@0.1.0";
import { hmacSha256, verifyHmacSha256 } from "strongroom:secret/mac@0.1.0";

const utf8 = new TextEncoder();

/** The tag of a message, which has been encrypted and decrypted on its way. */
export function run() {
  const key = fromBytes(utf8.encode("a key of the application's own"));
  const message = utf8.encode("a message");
  const tag = hmacSha256(key, message);
  if (!verifyHmacSha256(key, message, tag)) throw "its own tag is refused";

  const encryption = random(32n);
  const nothing = new Uint8Array();
  const sealed = seal(encryption, "aes256-gcm", tag, nothing);
  const opened = open(encryption, "aes256-gcm", sealed, nothing);

  if (key.close() !== "wiped") throw "the key is still there";
  try {
    hmacSha256(key, message);
  } catch (error) {
    if (error.payload.tag === "closed") return opened;
    throw error.payload.tag;
  }
  throw "a closed key was used";
}
