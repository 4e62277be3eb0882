// `hash-wasm`: C by hand in WebAssembly. It has hashes alone; a key stays in the instance that it was given to.

import { argon2id, createHMAC, createSHA256, createSHA512 } from "hash-wasm";

import { COST, KEY, MESSAGE, SALT } from "../workload.mjs";

export const name = "hash-wasm";

export async function operations() {
  const hmac = async (hash) => {
    const keyed = await createHMAC(hash, KEY);
    return () => keyed.init().update(MESSAGE).digest("binary");
  };
  const cost = { memorySize: COST.memoryKib, iterations: COST.passes, parallelism: COST.lanes };
  const argon2 = { password: KEY, salt: SALT, ...cost, hashLength: 32, outputType: "binary" };
  return {
    "hmac-sha256, 1 KiB": await hmac(createSHA256()),
    "hmac-sha512, 1 KiB": await hmac(createSHA512()),
    "argon2id, 1 MiB, 1 pass": () => argon2id(argon2),
  };
}
