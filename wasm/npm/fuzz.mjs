// Makes random calls for so many seconds: `node wasm/npm/fuzz.mjs SECONDS [SEED]`, the first seed being any if none
// is given. What fails names its seed.

import { randomInt } from "node:crypto";

import { PACKAGE } from "./package-folder.mjs";
import { randomCalls } from "./test/random-calls.mjs";

const [seconds, first = randomInt(2 ** 32)] = process.argv.slice(2).map(Number);
const { Secret, SecretError } = await import(new URL("index.js", PACKAGE));
const end = performance.now() + seconds * 1000;
let seed = first;
do randomCalls({ Secret, SecretError }, seed++);
while (performance.now() < end);
console.log(`${seed - first} courses of calls, seeds from ${first}`);
