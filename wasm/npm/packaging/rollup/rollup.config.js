import resolve from "@rollup/plugin-node-resolve";

export default [
  {
    input: "page.js",
    plugins: [resolve()],
    output: [
      { file: "built/page.js", format: "es" },
      { file: "built/page.iife.js", format: "iife" },
    ],
  },
  { input: "main.js", plugins: [resolve()], output: { file: "built/main.cjs", format: "cjs" } },
];
