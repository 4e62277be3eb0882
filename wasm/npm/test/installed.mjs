// A folder in which the package is installed, for programs as people write them.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";

import { PACKAGE } from "../package-folder.mjs";

/** The folder's path. It goes when the tests of the file have ended. */
export function installed() {
  const folder = mkdtempSync(join(tmpdir(), "strongroom-"));
  after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(fileURLToPath(PACKAGE), join(folder, "node_modules/strongroom"));
  return folder;
}
