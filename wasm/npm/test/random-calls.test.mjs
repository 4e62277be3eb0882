// A short run of random calls; `cargo xtask fuzz javascript` goes on for as long as it is told to.

import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";

import { PACKAGE } from "../package-folder.mjs";
import { randomCalls } from "./random-calls.mjs";

const { Secret, SecretError } = await import(new URL("index.js", PACKAGE));
const COURSES = 150;

test("calls do what the model does", () => {
  for (let seed = 0; seed < COURSES; seed++) randomCalls({ Secret, SecretError }, seed);
});

test("so do calls that nobody has made before", (context) => {
  const first = randomInt(2 ** 32 - COURSES);
  context.diagnostic(`seeds from ${first}`);
  for (let seed = first; seed < first + COURSES; seed++) randomCalls({ Secret, SecretError }, seed);
});

/** The class, but for one static method. */
const but = (name, method) => Object.create(Secret, { [name]: { value: method } });

test("a package that does something else is found", () => {
  const wrong = {
    "leaves its source": but("fromBytes", (bytes) => Secret.fromBytes(new Uint8Array(bytes))),
    "counts wrong": but("random", (length) => Secret.random(length + 1)),
    "believes every signature": but("verifyEd25519", () => true),
  };
  for (const [what, Wrong] of Object.entries(wrong)) {
    const play = () => {
      for (let seed = 0; seed < COURSES; seed++) randomCalls({ Secret: Wrong, SecretError }, seed);
    };
    assert.throws(play, /^Error: seed \d+, after /, what);
  }
});
