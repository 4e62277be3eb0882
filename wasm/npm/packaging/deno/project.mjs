const deno = (tools, ...args) => tools.run(tools.path("node_modules/@deno/linux-x64-glibc/deno"), args);

export const rows = {
  "Deno 2": {
    "run without permissions": (tools) => deno(tools, "run", "--no-prompt", "--no-remote", "main.mjs"),
  },
};
