// What both programs are told: the files to work on, and which package to work with.

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { PACKAGE } from "../package-folder.mjs";

/** The paths `key`, `message`, `replacement` and `package`. */
export function parseArguments() {
  const { values } = parseArgs({
    options: {
      key: { type: "string" },
      message: { type: "string" },
      replacement: { type: "string" },
      package: { type: "string", default: fileURLToPath(PACKAGE) },
    },
  });
  for (const name of ["key", "message", "replacement"]) {
    if (values[name] === undefined) throw new Error(`which file is it? pass --${name} FILE`);
  }
  return values;
}
