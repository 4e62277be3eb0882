/**
 * Makes everything ready, of `binary`: the bytes of `strongroom/strongroom.wasm`, or the
 * `WebAssembly.Module` that was compiled of them. A second call does nothing.
 *
 * This entry has a `Secret` class of its own, apart from that of `strongroom`.
 */
export function init(binary: ArrayBuffer | Uint8Array | object): void;
