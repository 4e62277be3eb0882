// All memory that this process can write, as Linux shows it.

import { closeSync, openSync, readFileSync, readSync } from "node:fs";

import { count } from "./needle.mjs";

const CHUNK = 1 << 20;
/** So that no window is cut in two; a multiple of what a needle is aligned to. */
const OVERLAP = 16;

/** Counts the windows of `needles` in all writable mappings; undefined where none are shown. */
export function scanProcess(needles) {
  if (process.platform !== "linux") return undefined;
  // A buffer of its own, zeroed before each read: the scan meets it too, and what it still held
  // would be found a second time.
  const chunk = new Uint8Array(new ArrayBuffer(CHUNK));
  // Where the chunk itself begins within what is read into it, that has been overwritten already by what is
  // before it, and shows that twice. No two chunks begin within the length of one.
  const second = new Uint8Array(new ArrayBuffer(CHUNK));
  const memory = openSync("/proc/self/mem", "r");
  let [found, bytes] = [0, 0];
  try {
    for (const { start, end } of writableMappings()) {
      for (let at = start; at < end; at += CHUNK - OVERLAP) {
        const windows = countRead(needles, memory, chunk, at, end);
        if (windows > 0) found += Math.min(windows, countRead(needles, memory, second, at, end));
      }
      bytes += end - start;
    }
  } finally {
    closeSync(memory);
  }
  const mebibytes = (bytes / 2 ** 20).toFixed(1);
  return { found, where: `all writable mappings of the process (${mebibytes} MiB)` };
}

/** How many windows there are from `at` on, by a read into `chunk`, which is left zero. */
function countRead(needles, memory, chunk, at, end) {
  try {
    return count(needles, chunk.subarray(0, read(memory, chunk, at, end)));
  } finally {
    chunk.fill(0);
  }
}

/** Reads from `at` on; nothing where a thread of the engine's has unmapped what was there. */
function read(memory, chunk, at, end) {
  try {
    return readSync(memory, chunk, 0, Math.min(CHUNK, end - at), at);
  } catch (error) {
    const isThere = [...writableMappings()].some(({ start, end }) => start <= at && at < end);
    if (error.code !== "EIO" || isThere) throw error;
    return 0;
  }
}

function* writableMappings() {
  for (const line of readFileSync("/proc/self/maps", "ascii").split("\n")) {
    const [range, access] = line.split(" ");
    if (!access?.startsWith("rw")) continue;
    const [start, end] = range.split("-").map((address) => Number.parseInt(address, 16));
    yield { start, end };
  }
}
