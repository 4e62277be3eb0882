// The picture, served to this machine alone.

import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { PACKAGE } from "../package-folder.mjs";
import { serving } from "../serve.mjs";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Where each folder that the page sees is, and what it sees of it. */
const FOLDERS = {
  "/": [at("."), ["index.html", "style.css", "page.mjs", "memory-picture.mjs", "sides.mjs"]],
  "/package/": [fileURLToPath(PACKAGE), ["init.js", "strongroom.wasm"]],
  "/naive/": [at("../../../target/picture/"), ["naive.js", "naive_bg.wasm"]],
  "/residue/": [at("../residue/"), ["linear-memory.mjs", "needle.mjs"]],
};

const FILES = new Map(
  Object.entries(FOLDERS).flatMap(([prefix, [folder, names]]) =>
    names.map((name) => [prefix + name, join(folder, name)]),
  ),
);

/** Nothing comes from elsewhere, and nothing goes there; WebAssembly may be compiled, texts may not. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const HEADERS = {
  "content-security-policy": POLICY,
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** Serves the picture while `use` runs, which gets its address. */
export function servingPicture(use) {
  const fileOf = (path) => FILES.get(path === "/" ? "/index.html" : path) ?? "";
  return serving(fileOf, (origin) => use(`${origin}/`), HEADERS);
}
