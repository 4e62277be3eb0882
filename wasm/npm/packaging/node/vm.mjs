// What test runners do: each file is a module in a context of its own.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { SourceTextModule, createContext } from "node:vm";

const { resolve } = createRequire(import.meta.url);
const context = createContext({ atob, console, crypto });
const files = { strongroom: resolve("strongroom").replace("index.cjs", "index.js"), "./use.mjs": resolve("./use.mjs") };

async function load(specifier) {
  const text = await readFile(files[specifier] ?? resolve(specifier), "utf8");
  return new SourceTextModule(text, { context, identifier: specifier });
}

const main = await load("./import.mjs");
await main.link(load);
await main.evaluate();
