import { type AeadAlgorithm, type Argon2Cost, type Code, Secret, SecretError } from "strongroom";
import { init } from "strongroom/init";
import { Secret as Key } from "strongroom/mac";

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

const key: Secret = Secret.fromBytes(bytes("Jefe"));
const tag: Uint8Array = key.hmacSha256(bytes("what do ya want for nothing?"));
const first: number | undefined = key.withBytes((copy) => copy[0]);
const later: Promise<number> = key.withBytes(async (copy) => copy.length);
const algorithm: AeadAlgorithm = "aes256-gcm";
const cost: Argon2Cost = { memoryKib: 8, passes: 1, lanes: 1 };
const derived: Secret = key.argon2id(new Uint8Array(8), cost, 32);
const opened: Uint8Array = derived.open(algorithm, derived.seal(algorithm, tag));
const ready: typeof init = init;

// @ts-expect-error: no such algorithm
const none: AeadAlgorithm = "aes128-gcm";
// @ts-expect-error: never a string
const text = (): void => key.replace("secret");
// @ts-expect-error: made by fromBytes, random and password only
const made = (): Secret => new Secret();
// @ts-expect-error: what comes of the constructor is a secret, and no object that looks like one is
const alike: Secret = { ...key };
// @ts-expect-error: a secret of another entry is in another memory
const elsewhere = (): boolean => key.equals(Key.random(32));
// @ts-expect-error: an entry has its family alone
const absent = (): unknown => Key.random(32).signEd25519;

key.close();
try {
  key.hmacSha256(tag);
} catch (error) {
  if (!SecretError.is(error)) throw error;
  const code: Code = error.code;
  const hex = Array.from(tag, (byte) => byte.toString(16).padStart(2, "0")).join("");
  // What there is without the types of a host.
  (globalThis as unknown as { console: { log(line: string): void } }).console.log(`strongroom: ${hex}, ${code}`);
}
void [first, later, opened, ready, none, text, made, alike, elsewhere, absent];
