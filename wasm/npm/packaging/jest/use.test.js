const strongroom = require("strongroom");
const { EXPECTED, use } = require("./use.cjs");

test("strongroom", () => {
  const report = use(strongroom);
  expect(report).toBe(EXPECTED);
  process.stdout.write(report);
});
