// The main job in a page, which shows what came of it.

import { nextLinearMemory, scanLinearMemory } from "../residue/linear-memory.mjs";
import { count } from "../residue/needle.mjs";
import { mainJob } from "./main-job.mjs";

const memory = nextLinearMemory();
const { Secret, SecretError } = await import("strongroom");
const linear = await memory;

async function read(path) {
  const response = await fetch(path);
  return new Uint8Array(await response.arrayBuffer());
}

const [key, message, replacement] = await Promise.all(["/key", "/message", "/replacement"].map(read));

/** A page sees no more of its process than its own buffers. */
function scan(needles) {
  const { found, where } = scanLinearMemory(linear, needles);
  const sources = [key, replacement];
  return {
    found: sources.reduce((sum, source) => sum + count(needles, source), found),
    where: `${where} and the source buffers`,
  };
}

const row = mainJob({ host: "Chromium", Secret, SecretError, key, message, replacement, scan });

const body = document.querySelector("tbody");
for (const [title, value] of Object.entries(row)) {
  const line = body.insertRow();
  const head = line.appendChild(document.createElement("th"));
  head.textContent = title.replaceAll("_", " ");
  line.insertCell().textContent = Array.isArray(value) ? value.join(" ") : String(value);
}
document.body.dataset.row = JSON.stringify(row);
