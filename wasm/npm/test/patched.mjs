// What others may do to the language, for the time of a check.

/** Puts each of `patches` (object, name, descriptor) in the place of a property while `body` runs. */
export async function patched(patches, body) {
  const originals = patches.map(([object, name]) => Object.getOwnPropertyDescriptor(object, name));
  try {
    for (const [object, name, descriptor] of patches) Object.defineProperty(object, name, descriptor);
    return await body();
  } finally {
    patches.forEach(([object, name], i) => {
      if (originals[i]) Object.defineProperty(object, name, originals[i]);
      else delete object[name];
    });
  }
}
