// The table of places where the package was loaded, in README.md, is that of the projects in packaging/.

import assert from "node:assert/strict";
import { test } from "node:test";

import { names, projectOf, readme, table } from "../packaging/projects.mjs";

/** A row of the table as its name and the ways in it, whether they work or not. */
function told(line) {
  const [, name, ways] = line.split("|").map((cell) => cell.trim());
  const failing = [...ways.matchAll(/(?:^|; )not (.*?): [^;]*/g)];
  const works = ways.replace(/(^|; )not .*/, "").split(", ");
  return [name, [...works, ...failing.map(([, way]) => way)].filter((way) => way !== "").sort()];
}

const rowsOf = (text) => Object.fromEntries(text.trim().split("\n").slice(2).map(told));

test("README.md has every project, and each way in which it is used", async () => {
  const projects = await Promise.all(names.map(projectOf));
  const rows = projects.flatMap(({ rows }) => Object.entries(rows));
  const expected = rows.map(([row, ways]) => [row, Object.keys(ways).sort()]);
  assert.deepEqual(rowsOf(readme().table), Object.fromEntries(expected));
});

test("what a project has for the tests is there", async () => {
  for (const name of names) {
    const { rows, tested = {} } = await projectOf(name);
    for (const [row, ways] of Object.entries(tested)) {
      for (const way of ways) assert.equal(typeof rows[row]?.[way], "function", `${name}: ${row}, ${way}`);
    }
  }
});

test("the table tells what works, and why something doesn't", () => {
  const text = table({ One: { a: undefined, b: undefined }, Two: { a: undefined, c: "why, so" }, Three: { d: "no" } });
  assert.equal(
    text,
    "| | works |\n| --- | --- |\n| One | a, b |\n| Two | a; not c: why, so |\n| Three | not d: no |\n",
  );
  assert.deepEqual(rowsOf(text), { One: ["a", "b"], Two: ["a", "c"], Three: ["d"] });
});
