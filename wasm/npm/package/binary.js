// The binary of the package, which its build puts here: compressed, in base64.

import { inflateSync } from "fflate";

/** The bytes of the WebAssembly module. */
export function binary() {
  const text = atob(BINARY);
  const compressed = new Uint8Array(text.length);
  for (let i = 0; i < compressed.length; i++) compressed[i] = text.charCodeAt(i);
  return inflateSync(compressed, { out: new Uint8Array(BINARY_LENGTH) });
}
