// The checks in a page: `outcomes` has for each its name and, if it failed, why.

import { nextLinearMemory } from "../residue/linear-memory.mjs";
import { allChecks } from "./all-checks.mjs";

const captured = nextLinearMemory();
const { Secret, SecretError } = await import("strongroom");
const memory = await captured;

let copies = 0;
const load = () => import(`/package/index.js?copy=${++copies}`);
const loadRemote = () => import(`/package/worker.js?copy=${++copies}`);
const remote = await import("/package/worker.js");
/** Chromium's way, or Firefox's. */
const collectGarbage = globalThis.gc ?? (() => TestUtils.gc());
const binary = async (name) => (await fetch(`/package/${name}`)).arrayBuffer();
const context = { Secret, SecretError, memory, collectGarbage, load, remote, loadRemote, binary };

export const outcomes = [];
for (const [name, check] of Object.entries(allChecks)) {
  try {
    await check(context);
    outcomes.push({ name });
  } catch (error) {
    outcomes.push({ name, failure: error.stack });
  }
}
