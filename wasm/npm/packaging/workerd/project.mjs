/** Bundles as Cloudflare's own tool does: by the condition, with the binary as a module of its own. */
async function served(tools) {
  const options = ["--bundle", "--format=esm", "--conditions=workerd", "--loader:.wasm=copy", "--asset-names=[name]"];
  await tools.npx("esbuild", "worker.mjs", ...options, "--outdir=built", "--log-level=error");
  const workerd = tools.path("node_modules/@cloudflare/workerd-linux-64/bin/workerd");
  const ready = /"event":"listen".*"port":(\d+)/;
  return tools.server(workerd, ["serve", "config.capnp", "--control-fd=1"], ready, async ([, port]) => {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    return response.text();
  });
}

export const rows = { "workerd 1": { "the condition `workerd`": served } };

export const tested = { "workerd 1": ["the condition `workerd`"] };
