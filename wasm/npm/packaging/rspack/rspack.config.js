const common = { mode: "production", output: { path: `${import.meta.dirname}/built`, publicPath: "auto" } };

export default [
  { ...common, entry: { "page": "./page.js", "with-worker": "./with-worker.js" } },
  { ...common, entry: { main: "./main.js" }, target: "node", output: { ...common.output, filename: "[name].cjs" } },
];
