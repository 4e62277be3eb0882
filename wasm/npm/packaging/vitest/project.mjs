const vitest = (...args) => (tools) => tools.npx("vitest", "run", "--reporter=verbose", ...args);

export const rows = {
  "Vitest 5": {
    "default": vitest(),
    "threads": vitest("--pool=threads"),
    "vmThreads": vitest("--pool=vmThreads"),
    "jsdom": vitest("--environment=jsdom"),
  },
};
