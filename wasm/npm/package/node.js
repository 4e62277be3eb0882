import { readFileSync } from "node:fs";
import { initSync } from "./bindings.js";

// Synchronous, so that CommonJS can `require` the package where Node allows that for modules.
initSync({ module: readFileSync(new URL("./strongroom.wasm", import.meta.url)) });

export { Secret, SecretError } from "./secret.js";
