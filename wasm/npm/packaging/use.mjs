// What every project does with the package, which is loaded in another way in each.

/** The second test case of RFC 4231, and what a closed secret says. */
export const EXPECTED = "strongroom: 5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843, closed";

/** Text as bytes, where there is no TextEncoder, too. */
const bytes = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Makes a secret, signs with it, closes it and finds it closed; what came of it is `EXPECTED`. */
export function use({ Secret, SecretError }) {
  const key = Secret.fromBytes(bytes("Jefe"));
  const tag = key.hmacSha256(bytes("what do ya want for nothing?"));
  if (Secret.random(32).equals(key)) throw new Error("what is random is the key");
  key.close();
  try {
    key.hmacSha256(tag);
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    return `strongroom: ${Array.from(tag, (byte) => byte.toString(16).padStart(2, "0")).join("")}, ${error.code}`;
  }
  throw new Error("a closed secret signs");
}
