// The checks in a page of a browser.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { withPage } from "../browser.mjs";
import { PACKAGE } from "../package-folder.mjs";
import { allChecks } from "./all-checks.mjs";

const vectors = fileURLToPath(new URL("../../../tests/vectors/", import.meta.url));
const files = Object.fromEntries(
  readdirSync(vectors).map((file) => [`/tests/vectors/${file}`, vectors + file]),
);

/** Runs every check in a page of `browser`, each as a part of the test `t`. */
export async function checkIn(browser, t, args = []) {
  const page = { browser, path: "/test/page.html", pkg: fileURLToPath(PACKAGE), files, args };
  const outcomes = await withPage(page, (opened) =>
    opened.evaluate(async () => (await import("/test/page.mjs")).outcomes),
  );
  const names = Object.keys(allChecks);
  assert.deepEqual(outcomes.map(({ name }) => name), names);
  for (const { name, failure } of outcomes) {
    await t.test(name, () => assert.equal(failure, undefined));
  }
}
