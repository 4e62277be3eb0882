import { Secret } from "./bindings.js";

// wasm-bindgen's `free` leaves an object that no method may touch any more. A closed secret is
// safe to touch, and what else the object holds is the collector's.
Secret.prototype.free = Secret.prototype.close;
if (Symbol.dispose) Secret.prototype[Symbol.dispose] = Secret.prototype.close;

export { Secret };
export { SecretError } from "./error.js";
