import { Secret } from "strongroom";

using key = Secret.random(32);
const tag = key.hmacSha256(new Uint8Array(1));
void [crypto.subtle.digest("SHA-256", tag), new Blob([tag]), key.withBytes((copy) => new Blob([copy]))];
