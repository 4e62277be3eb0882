import * as strongroom from "strongroom";
import { expect, test } from "vitest";
import { EXPECTED, use } from "./use.mjs";

test("strongroom", () => {
  const report = use(strongroom);
  expect(report).toBe(EXPECTED);
  console.log(report);
});
