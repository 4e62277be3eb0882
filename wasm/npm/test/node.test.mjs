// The checks, and the demo, in Node.

import { readFile } from "node:fs/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { test } from "node:test";

import { PACKAGE } from "../package-folder.mjs";
import { nextLinearMemory } from "../residue/linear-memory.mjs";
import { allChecks } from "./all-checks.mjs";
import { assertRight, rowOf } from "./demo-row.mjs";

const captured = nextLinearMemory();
const entry = new URL("index.js", PACKAGE);
const { Secret, SecretError } = await import(entry);
const memory = await captured;

let copies = 0;
const load = () => import(`${entry}?copy=${++copies}`);

const remoteEntry = new URL("worker-node.js", PACKAGE);
const remote = await import(remoteEntry);
const loadRemote = () => import(`${remoteEntry}?copy=${++copies}`);
const binary = (name) => readFile(new URL(name, PACKAGE));

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");

for (const [name, check] of Object.entries(allChecks)) {
  test(name, () => check({ Secret, SecretError, memory, collectGarbage, load, remote, loadRemote, binary }));
}

test("the demo finds no key in the process", () => assertRight(rowOf("node.mjs")));
