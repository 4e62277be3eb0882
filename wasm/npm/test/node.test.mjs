// The checks, and the demo, in Node.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { test } from "node:test";

import { PACKAGE } from "../package-folder.mjs";
import { nextLinearMemory } from "../residue/linear-memory.mjs";
import { allChecks } from "./all-checks.mjs";
import { assertRight, rowOf } from "./demo-row.mjs";

const captured = nextLinearMemory();
const { Secret, SecretError } = await import(new URL("node.js", PACKAGE));
const memory = await captured;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");

for (const [name, check] of Object.entries(allChecks)) {
  test(name, () => check({ Secret, SecretError, memory, collectGarbage }));
}

test("the demo finds no key in the process", () => assertRight(rowOf("node.mjs")));
