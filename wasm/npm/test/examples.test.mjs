// The examples, run as people run them: copied to where the package is installed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { installed } from "./installed.mjs";

const examples = fileURLToPath(new URL("../examples/", import.meta.url));

const folder = installed();

/** What an example writes to stdout and stderr, and how it ends. */
function run(example, ...args) {
  copyFileSync(join(examples, example), join(folder, example));
  const { status, stdout, stderr } = spawnSync("node", [example, ...args], { cwd: folder, encoding: "utf8" });
  return { status, stdout, stderr };
}

// RFC 4231, test case 2.
test("sign.mjs", () => {
  writeFileSync(join(folder, "key"), "Jefe");
  assert.deepEqual(run("sign.mjs", "key", "what do ya want for nothing?"), {
    status: 0,
    stdout: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843\n",
    stderr: "",
  });
  writeFileSync(join(folder, "nothing"), "");
  const empty = run("sign.mjs", "nothing");
  assert.equal(empty.status, 1);
  assert.match(empty.stderr, /^error: .*\ncode: empty\n$/);
  const missing = run("sign.mjs", "missing");
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /^error: ENOENT.*\n$/);
});

test("each example is run here", () => {
  assert.deepEqual(readdirSync(examples), ["sign.mjs"]);
});
