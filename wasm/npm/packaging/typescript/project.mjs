import { copyFile, mkdir, writeFile } from "node:fs/promises";

/** How packages are looked up, what modules are written then, and which kind those are. */
const RESOLUTIONS = {
  "node10": { options: { moduleResolution: "node10", module: "commonjs" }, type: "commonjs" },
  "node16": { options: { moduleResolution: "node16", module: "node16" }, type: "module" },
  "node16 from CommonJS": { options: { moduleResolution: "node16", module: "node16" }, type: "commonjs" },
  "nodenext": { options: { moduleResolution: "nodenext", module: "nodenext" }, type: "module" },
  "bundler": { options: { moduleResolution: "bundler", module: "esnext" }, type: "module" },
};

/** As strict as it gets: the package's own types are checked, too, without any of a browser's or of Node's. */
const STRICT = {
  strict: true,
  skipLibCheck: false,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  target: "es2022",
  lib: ["es2022"],
  types: [],
};

/** Compiles one file in a folder of its own, and says which folder that is. */
async function compile(tools, source, version, resolution, more) {
  const { options, type } = RESOLUTIONS[resolution];
  const folder = tools.path("built", `${source} ${version} ${resolution}`.replace(/\W+/g, "-"));
  // What version 7 hasn't any more, version 6 has if it is asked to.
  const deprecated = version === "6.0" && { ignoreDeprecations: "6.0" };
  const config = { compilerOptions: { ...STRICT, ...options, ...deprecated, ...more }, files: [source] };
  await mkdir(folder, { recursive: true });
  await copyFile(tools.path(source), `${folder}/${source}`);
  await writeFile(`${folder}/package.json`, JSON.stringify({ type }));
  await writeFile(`${folder}/tsconfig.json`, JSON.stringify(config));
  await tools.node(`node_modules/typescript-${version}/bin/tsc`, "--project", folder);
  return folder;
}

/** A program without any types of a browser's or of Node's, which is then run. */
const program = (version, resolution) => async (tools) =>
  tools.node(`${await compile(tools, "use.ts", version, resolution)}/use.js`);

/** What a page does with results; it is the compiler that has something to say, so nothing is run. */
const page = (version) => async (tools) => {
  await compile(tools, "page.ts", version, "bundler", { lib: ["es2022", "dom"] });
  return program(version, "bundler")(tools);
};

const ways = (version, resolutions) => ({
  ...Object.fromEntries(resolutions.map((resolution) => [resolution, program(version, resolution)])),
  "bundler with a browser's types": page(version),
});

const resolutions = Object.keys(RESOLUTIONS);
const since7 = resolutions.filter((resolution) => resolution !== "node10");

export const rows = {
  "TypeScript 5.2": ways("5.2", resolutions),
  "TypeScript 5.6": ways("5.6", resolutions),
  "TypeScript 5.9": ways("5.9", resolutions),
  "TypeScript 6": ways("6.0", resolutions),
  "TypeScript 7": ways("7.0", since7),
};

const most = ["node16 from CommonJS", "bundler with a browser's types"];

export const tested = { "TypeScript 5.2": [...most, "node10"], "TypeScript 5.9": most, "TypeScript 7": [...most, "nodenext"] };
