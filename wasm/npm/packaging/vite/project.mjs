const vite = (version) => `node_modules/vite-${version}/bin/vite.js`;

const dev = (version, page) => (tools) =>
  tools.server(process.execPath, [vite(version), "--host=127.0.0.1", "--force"], /http:\/\/127\.0\.0\.1:\d+/, ([origin]) =>
    tools.page("chromium", `${origin}/${page}`),
  );

const build = (version, page) => async (tools) => {
  const folder = `built-${version}`;
  await tools.node(vite(version), "build", `--outDir=${folder}`);
  return tools.served("chromium", folder, `/${page}`);
};

const onServer = (version) => async (tools) => {
  const folder = `server-${version}`;
  await tools.node(vite(version), "build", "--ssr=server.js", `--outDir=${folder}`);
  return tools.node(`${folder}/server.js`);
};

const ways = (version) => ({
  "dev": dev(version, "page.html"),
  "worker in dev": dev(version, "with-worker.html"),
  "build": build(version, "page.html"),
  "worker in a build": build(version, "with-worker.html"),
  "SSR with it inlined": onServer(version),
});

export const rows = { "Vite 6": ways(6), "Vite 7": ways(7), "Vite 8": ways(8) };

export const tested = { "Vite 7": ["worker in a build"], "Vite 8": ["worker in dev"] };
