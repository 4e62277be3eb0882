// For who brings the binary, as bytes or as a module.

import { start, started } from "./engine.js";

export { SecretError } from "./error.js";
export { Secret } from "./secret.js";

/** Makes everything ready, of `binary`, which `strongroom/strongroom.wasm` is. A second call does nothing. */
export function init(binary) {
  if (!started()) start(binary);
}
