const bun = (tools, ...args) => tools.run(tools.path("node_modules/@oven/bun-linux-x64/bin/bun"), args);

export const rows = {
  "Bun 1": {
    "run": (tools) => bun(tools, "run", "main.mjs"),
    "`require`": (tools) => bun(tools, "run", "main.cjs"),
    "build": async (tools) => {
      await bun(tools, "build", "main.mjs", "--target=bun", "--outfile=built.js");
      return bun(tools, "run", "built.js");
    },
    "build for Node": async (tools) => {
      await bun(tools, "build", "main.mjs", "--target=node", "--outfile=built.mjs");
      return tools.node("built.mjs");
    },
    "compile": async (tools) => {
      await bun(tools, "build", "--compile", "main.mjs", "--outfile=compiled");
      return tools.run(tools.path("compiled"), []);
    },
  },
};
