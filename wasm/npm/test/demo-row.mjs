// A demo program's row, for a key, a message and a replacement of its own.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const contents = { key: randomBytes(32), message: randomBytes(5000), replacement: randomBytes(77) };

/** What the program `demo/<name>` prints, with some of the environment changed. */
export function rowOf(name, environment = {}) {
  const folder = mkdtempSync(join(tmpdir(), "strongroom-"));
  try {
    const options = Object.entries(contents).flatMap(([option, bytes]) => {
      const file = join(folder, option);
      writeFileSync(file, bytes);
      return [`--${option}`, file];
    });
    const program = fileURLToPath(new URL(`../demo/${name}`, import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...options], {
      encoding: "utf8",
      env: { ...process.env, ...environment },
    });
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Fails unless everything in `row` is as it should be. */
export function assertRight(row) {
  const tag = (key) => createHmac("sha256", key).update(contents.message).digest("hex");
  assert.deepEqual(row.tags, [tag(contents.key), tag(contents.replacement)]);
  assert.equal(row.refused_after_close, true);
  assert.equal(row.residue, 0);
  assert.ok(row.ns_per_access > 0);
}
