const built = (use) => async (tools) => {
  await tools.npx("rspack", "build");
  return use(tools);
};

export const rows = {
  "Rspack 2": {
    "page": built((tools) => tools.served("chromium", ".", "/page.html")),
    "worker": built((tools) => tools.served("chromium", ".", "/with-worker.html")),
    "for Node": built((tools) => tools.node("built/main.cjs")),
  },
};
