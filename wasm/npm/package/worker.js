// The entry for secrets in a worker, where workers are those of the web.

import { accessor, uncurried } from "./intrinsics.js";
import { supply } from "./home.js";
import { listen } from "./ports.js";

const { Worker } = globalThis;
// Where there are none, starting one says so.
const prototype = Worker?.prototype;
const post = prototype && uncurried(prototype.postMessage);
const messageOf = accessor(ErrorEvent.prototype, "message");

/** What an event of a worker tells: an error in it, or that there is no such script. */
function causeOf(event) {
  try {
    return new Error(messageOf(event));
  } catch {
    return new Error("the worker's script could not be loaded");
  }
}

supply({
  // The build says where the script is.
  start: () => new Worker(script, { __proto__: null, type: "module", name: "strongroom" }),
  send: (worker, port) => post(worker, port, [port]),
  watch: (worker, failed) => listen(worker, "error", (event) => failed(causeOf(event))),
  stop: prototype && uncurried(prototype.terminate),
});

export { SecretError } from "./error.js";
export { init, terminate } from "./home.js";
export { Secret } from "./remote.js";
