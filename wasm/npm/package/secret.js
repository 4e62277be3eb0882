import { Secret } from "./bindings.js";

// wasm-bindgen's `free` leaves an object that no method may touch any more. A closed secret is
// safe to touch, and what else the object holds is the collector's.
Secret.prototype.free = Secret.prototype.close;
if (Symbol.dispose) Secret.prototype[Symbol.dispose] = Secret.prototype.close;

// Where an argument has to be a secret and isn't, wasm-bindgen throws a plain Error.
const takesSecret = { equals: 0, wrapAead: 1, wrapAesKw: 0 };
for (const [name, position] of Object.entries(takesSecret)) {
  const method = Secret.prototype[name];
  // A build without the family hasn't got it.
  if (method === undefined) continue;
  Secret.prototype[name] = function (...args) {
    if (!(args[position] instanceof Secret)) {
      throw new TypeError(`strongroom takes a Secret as argument ${position + 1} of ${name}`);
    }
    return method.apply(this, args);
  };
}

export { Secret };
export { SecretError } from "./error.js";
