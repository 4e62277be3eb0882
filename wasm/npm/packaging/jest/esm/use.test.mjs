import * as strongroom from "strongroom";
import { EXPECTED, use } from "../use.mjs";

test("strongroom", () => {
  const report = use(strongroom);
  expect(report).toBe(EXPECTED);
  process.stdout.write(report);
});
