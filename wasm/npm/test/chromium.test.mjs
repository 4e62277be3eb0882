// The checks, and the demo, in a page of headless Chromium.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { withPage } from "../browser.mjs";
import { PACKAGE } from "../package-folder.mjs";
import { allChecks } from "./all-checks.mjs";
import { assertRight, rowOf } from "./demo-row.mjs";

const vectors = fileURLToPath(new URL("../../../tests/vectors/", import.meta.url));
const files = Object.fromEntries(
  readdirSync(vectors).map((file) => [`/tests/vectors/${file}`, vectors + file]),
);

test("in Chromium", async (t) => {
  const outcomes = await withPage(
    { path: "/test/page.html", pkg: fileURLToPath(PACKAGE), files, args: ["--js-flags=--expose-gc"] },
    (page) => page.evaluate(async () => (await import("/test/page.mjs")).outcomes),
  );
  const names = Object.keys(allChecks);
  assert.deepEqual(outcomes.map(({ name }) => name), names);
  for (const { name, failure } of outcomes) {
    await t.test(name, () => assert.equal(failure, undefined));
  }
});

test("the demo finds no key in the page", () => assertRight(rowOf("chromium.mjs")));

test("without Chromium the demo says how to get it", () => {
  const { unavailable } = rowOf("chromium.mjs", { PATH: "" });
  assert.match(unavailable, /apt-get install chromium/);
});
