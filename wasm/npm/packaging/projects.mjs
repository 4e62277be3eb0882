// The projects, and the table that README.md has of them.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const PACKAGING = new URL("./", import.meta.url);

/** Each folder here is a project. */
export const names = readdirSync(fileURLToPath(PACKAGING), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

/**
 * What the `project.mjs` of a project has: `rows`, a row of the table for each tool or version of one, with the
 * ways in which the package is loaded there; and `tested`, a part of them: those that differ most from what
 * other projects do. A way is a function that gets what `tools.mjs` has, for the folder that the project was
 * copied to, and ends with what was printed or shown.
 *
 *     const ways = { "one way": (tools) => text, "another": (tools) => text };
 *     export const rows = { "Tool 1": ways, "Tool 2": ways };
 *     export const tested = { "Tool 1": ["one way"] };
 */
export function projectOf(name) {
  return import(new URL(`${name}/project.mjs`, PACKAGING));
}

const README = new URL("../package/README.md", PACKAGING);
const MARKS = ["<!-- Written by `cargo xtask packaging`. -->\n", "<!-- Up to here. -->\n"];

/** README.md in three parts: what is before the table, the table, what is after it. */
export function readme() {
  const text = readFileSync(README, "utf8");
  const [begin, end] = [text.indexOf(MARKS[0]) + MARKS[0].length, text.indexOf(MARKS[1])];
  return { file: README, before: text.slice(0, begin), table: text.slice(begin, end), after: text.slice(end) };
}

/** The table of `results`: for each row, for each way, nothing if it works, or why it doesn't. */
export function table(results) {
  const lines = Object.entries(results).map(([row, ways]) => {
    const works = Object.keys(ways).filter((way) => ways[way] === undefined);
    const fails = Object.keys(ways).filter((way) => ways[way] !== undefined);
    const told = [works.join(", "), ...fails.map((way) => `not ${way}: ${ways[way]}`)];
    return `| ${row} | ${told.filter((part) => part !== "").join("; ")} |\n`;
  });
  return `| | works |\n| --- | --- |\n${lines.join("")}`;
}
