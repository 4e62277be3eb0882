// The default entry: ready when it is imported, everywhere.

import { binary } from "./binary.js";
import { start } from "./engine.js";

start(binary());

export { SecretError } from "./error.js";
export { Secret } from "./secret.js";
