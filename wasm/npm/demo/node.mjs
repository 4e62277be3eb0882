// The main job in Node; prints one line of JSON.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { nextLinearMemory, scanLinearMemory } from "../residue/linear-memory.mjs";
import { scanProcess } from "../residue/process-memory.mjs";
import { parseArguments } from "./arguments.mjs";
import { mainJob } from "./main-job.mjs";

const files = parseArguments();
const memory = nextLinearMemory();
const { Secret, SecretError } = await import(pathToFileURL(resolve(files.package, "index.js")));
const linear = await memory;

/** A file's bytes in memory of their own; `readFile` puts small files in a pool that all share. */
function read(file) {
  const descriptor = openSync(file, "r");
  try {
    const bytes = new Uint8Array(new ArrayBuffer(fstatSync(descriptor).size));
    const length = readSync(descriptor, bytes);
    if (length !== bytes.length) throw new Error(`${file} changed while it was read`);
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}

const row = mainJob({
  host: "Node",
  Secret,
  SecretError,
  key: read(files.key),
  message: read(files.message),
  replacement: read(files.replacement),
  scan: (needles) => scanProcess(needles) ?? scanLinearMemory(linear, needles),
});
console.log(JSON.stringify(row));
