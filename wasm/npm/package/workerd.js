// The entry where code may not be compiled at run time: the platform has compiled it.

import module from "./strongroom.wasm";
import { start } from "./engine.js";

start(module);

export { SecretError } from "./error.js";
export { Secret } from "./secret.js";
