// The checks, and the demo, in a page of headless Chromium.

import assert from "node:assert/strict";
import { test } from "node:test";

import { assertRight, rowOf } from "./demo-row.mjs";
import { checkIn } from "./in-browser.mjs";

test("in Chromium", (t) => checkIn("chromium", t, ["--js-flags=--expose-gc"]));

test("the demo finds no key in the page", () => assertRight(rowOf("chromium.mjs")));

test("without Chromium the demo says how to get it", () => {
  const { unavailable } = rowOf("chromium.mjs", { PATH: "" });
  assert.match(unavailable, /apt-get install chromium/);
});
