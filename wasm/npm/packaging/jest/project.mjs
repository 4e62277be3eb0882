const jest = (tools, ...args) => tools.node("node_modules/jest/bin/jest.js", "--ci", ...args);

export const rows = {
  "Jest 30": {
    "default": (tools) => jest(tools, "use.test.js"),
    "jsdom": (tools) => jest(tools, "--env=jsdom", "use.test.js"),
    "modules": (tools) =>
      tools.node(
        "--experimental-vm-modules",
        "--no-warnings",
        "node_modules/jest/bin/jest.js",
        "--ci",
        "--testMatch=**/esm/*.test.mjs",
      ),
  },
};

export const tested = { "Jest 30": ["default", "jsdom"] };
