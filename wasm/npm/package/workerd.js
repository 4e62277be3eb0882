// The entry where code may not be compiled at run time: the platform has compiled it.

import { start } from "./engine.js";

// The module of `./strongroom.wasm`, which the build imports here.
start(compiled);

export { SecretError } from "./error.js";
export { Secret } from "./secret.js";
