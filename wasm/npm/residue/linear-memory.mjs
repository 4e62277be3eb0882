// The linear memory of a package, which the package itself doesn't show.

import { count } from "./needle.mjs";

/** Hands over the memory of the next WebAssembly instance that is made, however it is made. */
export function nextLinearMemory() {
  const { Instance, instantiate, instantiateStreaming } = WebAssembly;
  return new Promise((resolve) => {
    const seen = (instance) => {
      Object.assign(WebAssembly, { Instance, instantiate, instantiateStreaming });
      resolve(instance.exports.memory);
      return instance;
    };
    const hooked = (original) => async (...args) => {
      const made = await original.apply(WebAssembly, args);
      seen(made.instance ?? made);
      return made;
    };
    WebAssembly.Instance = new Proxy(Instance, {
      construct: (target, args) => seen(Reflect.construct(target, args)),
    });
    WebAssembly.instantiate = hooked(instantiate);
    WebAssembly.instantiateStreaming = hooked(instantiateStreaming);
  });
}

/** Counts the windows of `needles` in `memory`. */
export function scanLinearMemory(memory, needles) {
  const bytes = new Uint8Array(memory.buffer);
  return { found: count(needles, bytes), where: `linear memory (${bytes.length / 1024} KiB)` };
}
