// Installs the package in each project, as its users would, and has it used there, in every way.
//
//     node run.mjs              all projects; writes the table in README.md
//     node run.mjs --tested     those ways alone that `cargo xtask test` runs
//     node run.mjs NAME..       these projects alone

import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { PACKAGE } from "../package-folder.mjs";
import { PACKAGING, names, projectOf, readme, table } from "./projects.mjs";
import { toolsOf } from "./tools.mjs";
import { EXPECTED } from "./use.mjs";

const { values, positionals } = parseArgs({ options: { tested: { type: "boolean" } }, allowPositionals: true });

/** Projects are copied to here, apart from the sources: what they install and build stays out of them. */
const work = fileURLToPath(new URL("../../../target/packaging/", import.meta.url));
const source = fileURLToPath(PACKAGING);

/** The package as npm publishes it. */
async function packed() {
  mkdirSync(work, { recursive: true });
  const [{ filename }] = JSON.parse(
    await toolsOf(fileURLToPath(PACKAGE)).run("npm", ["pack", "--json", "--silent", "--pack-destination", work]),
  );
  return join(work, filename);
}

/** Copies the project, and installs what its lock file says and the package. */
async function prepared(name, tarball) {
  const folder = join(work, name);
  const tools = toolsOf(folder);
  const lock = readFileSync(join(source, name, "package-lock.json"), "utf8");
  const installed = join(folder, "installed");
  cpSync(join(source, name), folder, { recursive: true });
  if (!existsSync(installed) || readFileSync(installed, "utf8") !== lock) {
    rmSync(installed, { force: true });
    // No package needs its scripts to be run, and none is.
    await tools.run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    writeFileSync(installed, lock);
  }
  const place = join(folder, "node_modules/strongroom");
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  await tools.run("tar", ["xzf", tarball, "--strip-components=1", "-C", place]);

  const use = readFileSync(join(source, "use.mjs"), "utf8");
  writeFileSync(join(folder, "use.mjs"), use);
  const exported = "module.exports = { EXPECTED, use };\n";
  writeFileSync(join(folder, "use.cjs"), use.replace(/^export /gm, "") + exported);
  return tools;
}

/** Nothing, or why the package isn't used in this way. */
async function failure(way, tools) {
  try {
    const text = await way(tools);
    if (!text.includes(EXPECTED)) throw new Error(`it reports ${text}`);
  } catch (error) {
    return error.message.replace(/\s+/g, " ");
  }
}

const chosen = positionals.length > 0 ? positionals : names;
const tarball = await packed();
const results = {};
let failed = 0;
for (const name of chosen) {
  const { rows, tested } = await projectOf(name);
  if (values.tested && tested === undefined) continue;
  const tools = await prepared(name, tarball);
  for (const [row, ways] of Object.entries(rows)) {
    results[row] = {};
    for (const [way, run] of Object.entries(ways)) {
      if (values.tested && !tested[row]?.includes(way)) continue;
      const start = performance.now();
      const reason = await failure(run, tools);
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      console.log(`${reason === undefined ? "works " : "FAILED"}  ${seconds.padStart(5)} s  ${row}: ${way}`);
      if (reason !== undefined) {
        console.log(`        ${reason.slice(0, 2000)}`);
        failed++;
      }
      results[row][way] = reason;
    }
  }
}
if (chosen === names && !values.tested) {
  const { file, before, after } = readme();
  writeFileSync(file, before + table(results) + after);
}
console.log(`${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
