const built = (use) => async (tools) => {
  await tools.npx("webpack");
  return use(tools);
};

export const rows = {
  "webpack 5": {
    "page": built((tools) => tools.served("chromium", ".", "/page.html")),
    "worker": built((tools) => tools.served("chromium", ".", "/with-worker.html")),
    "for Node": built((tools) => tools.node("built/main.cjs")),
  },
};
