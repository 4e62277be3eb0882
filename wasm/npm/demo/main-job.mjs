// The main job, as Node and the page do it: what the package is for, and a search for what it
// may have left behind.

import { Needle } from "../residue/needle.mjs";

/**
 * Signs `message` under `key` and under `replacement`, both of which are wiped, and reports.
 * `scan` searches the host's memory for needles; it says how many windows it found, and where.
 */
export function mainJob({ host, Secret, SecretError, key, message, replacement, scan }) {
  const needles = [new Needle(key), new Needle(replacement)];

  const secret = Secret.fromBytes(key);
  if (scan(needles).found === 0) throw new Error("the scan doesn't see the live key");

  const tags = [secret.hmacSha256(message)];
  secret.replace(replacement);
  tags.push(secret.hmacSha256(message));

  const nsPerAccess = timeAccess(secret);
  secret.close();
  const refused = isRefused(() => secret.hmacSha256(message), SecretError);

  const { found, where } = scan(needles);
  return {
    host,
    tags: tags.map(hex),
    protections: "own linear memory, wiped on free; no mlock, no page protection",
    ns_per_access: nsPerAccess,
    refused_after_close: refused,
    residue: found,
    scanned: where,
  };
}

const BATCHES = 15;
const ACCESSES = 20_000;

/** What one `copyInto` takes, in ns: the best of some batches, as the rest had company. */
function timeAccess(secret) {
  const copy = new Uint8Array(new ArrayBuffer(secret.byteLength));
  let best = Infinity;
  for (let batch = 0; batch < BATCHES; batch++) {
    const start = performance.now();
    for (let i = 0; i < ACCESSES; i++) secret.copyInto(copy);
    best = Math.min(best, performance.now() - start);
  }
  copy.fill(0);
  return Number(((best * 1e6) / ACCESSES).toFixed(1));
}

function isRefused(use, SecretError) {
  try {
    use();
    return false;
  } catch (error) {
    return error instanceof SecretError && error.code === "closed";
  }
}

function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
