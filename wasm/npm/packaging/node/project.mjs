import { chmod, copyFile, writeFile } from "node:fs/promises";

/** The program of a version, as npm has it: for Linux on x86-64. */
const program = (tools, version) => tools.path(`node_modules/node-${version}/bin/node`);

/** One file, as a script in CommonJS. */
async function bundled(tools) {
  await tools.npx("esbuild", "import.mjs", "--bundle", "--platform=node", "--outfile=bundle.cjs", "--log-level=error");
  return "bundle.cjs";
}

/** https://nodejs.org/api/single-executable-applications.html */
async function inOneProgram(tools, version) {
  const [config, blob, file] = [`sea-${version}.json`, `sea-${version}.blob`, tools.path(`sea-${version}`)];
  const what = { main: await bundled(tools), output: blob, disableExperimentalSEAWarning: true };
  await writeFile(tools.path(config), JSON.stringify(what));
  await tools.run(program(tools, version), ["--experimental-sea-config", config]);
  await copyFile(program(tools, version), file);
  await chmod(file, 0o755);
  const fuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";
  await tools.npx("postject", file, "NODE_SEA_BLOB", blob, "--sentinel-fuse", fuse);
  return tools.run(file, []);
}

const ways = (version) => ({
  "`import`": (tools) => tools.run(program(tools, version), ["import.mjs"]),
  "`require`": (tools) => tools.run(program(tools, version), ["require.cjs"]),
  "worker_threads": (tools) => tools.run(program(tools, version), ["worker.mjs"]),
  "`--experimental-vm-modules`": (tools) =>
    tools.run(program(tools, version), ["--experimental-vm-modules", "--no-warnings", "vm.mjs"]),
  "one file by esbuild": async (tools) => tools.run(program(tools, version), [await bundled(tools)]),
  "one program (SEA)": (tools) => inOneProgram(tools, version),
});

export const rows = {
  "Node 20.0": ways("20.0"),
  "Node 20": ways("20"),
  "Node 22": ways("22"),
  "Node 24": ways("24"),
  "Node 26": ways("26"),
};

export const tested = { "Node 20.0": ["`require`", "worker_threads", "`--experimental-vm-modules`"] };
