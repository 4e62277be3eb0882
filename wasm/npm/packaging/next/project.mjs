/** What takes long is done once. */
const builds = {};

const served = (bundler, use) => async (tools) => {
  const env = { DIST: `built-${bundler}` };
  const next = tools.path("node_modules/next/dist/bin/next");
  await (builds[bundler] ??= tools.run(process.execPath, [next, "build", `--${bundler}`], env));
  const start = [next, "start", "--hostname=127.0.0.1", "--port=0"];
  return tools.server(process.execPath, start, /http:\/\/127\.0\.0\.1:\d+/, ([origin]) => use(tools, origin), env);
};

const onServer = async (_, origin) => (await fetch(`${origin}/server`)).text();
const onClient = (tools, origin) => tools.page("chromium", `${origin}/client`);

const ways = (bundler) => ({
  "server component": served(bundler, onServer),
  "client component": served(bundler, onClient),
});

export const rows = { "Next 16, Turbopack": ways("turbopack"), "Next 16, webpack": ways("webpack") };
