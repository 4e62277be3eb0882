import init from "./bindings.js";

// Written out like this, bundlers recognise the file as an asset and ship it.
await init({ module_or_path: new URL("./strongroom.wasm", import.meta.url) });

export { Secret, SecretError } from "./secret.js";
