const built = (format, from, to, use) => async (tools) => {
  await tools.npx("esbuild", from, "--bundle", "--minify", `--format=${format}`, `--outfile=built/${to}`, "--log-level=error");
  return use(tools);
};

export const rows = {
  "esbuild": {
    "esm": built("esm", "page.js", "page.js", (tools) => tools.served("chromium", ".", "/esm.html")),
    "iife": built("iife", "page.js", "page.iife.js", (tools) => tools.served("chromium", ".", "/iife.html")),
    "cjs": built("cjs", "main.js", "main.cjs", (tools) => tools.node("built/main.cjs")),
  },
};

export const tested = { "esbuild": ["iife", "cjs"] };
