const built = (use) => async (tools) => {
  await tools.npx("rollup", "--config");
  return use(tools);
};

export const rows = {
  "Rollup 4": {
    "esm": built((tools) => tools.served("chromium", ".", "/esm.html")),
    "iife": built((tools) => tools.served("chromium", ".", "/iife.html")),
    "cjs": built((tools) => tools.node("built/main.cjs")),
  },
};
