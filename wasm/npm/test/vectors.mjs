// The published vectors of tests/vectors, which the tests in Rust read as well.

import { fromHex } from "./hex.mjs";

const FOLDER = new URL("../../../tests/vectors/", import.meta.url);

/** The vectors of a family. A page fetches them from `/tests/vectors/`. */
export async function vectorsOf(family) {
  const url = new URL(`${family}.json`, FOLDER);
  if (url.protocol !== "file:") return (await fetch(url)).json();
  const { readFile } = await import("node:fs/promises");
  return JSON.parse(await readFile(url, "utf8"));
}

/** A vector's fields of these names, as bytes. */
export function bytesOf(vector, ...names) {
  return names.map((name) => fromHex(vector[name]));
}
