// The checks in a page of headless Chromium.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { withPage } from "../browser.mjs";
import { PACKAGE } from "../package-folder.mjs";
import { checks } from "./checks.mjs";
import { residueChecks } from "./residue-checks.mjs";

test("in Chromium", async (t) => {
  const outcomes = await withPage(
    { path: "/test/page.html", pkg: fileURLToPath(PACKAGE), args: ["--js-flags=--expose-gc"] },
    (page) => page.evaluate(async () => (await import("/test/page.mjs")).outcomes),
  );
  const names = Object.keys({ ...checks, ...residueChecks });
  assert.deepEqual(outcomes.map(({ name }) => name), names);
  for (const { name, failure } of outcomes) {
    await t.test(name, () => assert.equal(failure, undefined));
  }
});
