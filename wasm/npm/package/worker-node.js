// The entry for secrets in a worker, where workers are Node's threads.

import { TypeError, uncurried } from "./intrinsics.js";
import { supply } from "./home.js";

// The build imports it; who changes that import later changes nothing here.
const Worker = Thread;
const { prototype } = Worker;
const on = uncurried(prototype.on);
const post = uncurried(prototype.postMessage);
const unref = uncurried(prototype.unref);

/** Nothing of this process: no variables, and no options that load other code first. */
const ALONE = { env: {}, execArgv: [], name: "strongroom" };

const port = MessagePort.prototype;
const { postMessage } = port;
const list = Array.prototype;

/** Node's own JavaScript hands ports on by these, so whoever has replaced them would get the thread's. */
function refuseReplaced() {
  if (port.postMessage === postMessage && !(0 in list) && !(1 in list)) return;
  throw new TypeError(
    "MessagePort.prototype.postMessage, or elements of Array.prototype, were replaced after strongroom/worker was " +
      "imported, so that others would get hold of its thread; make a secret before that",
  );
}

supply({
  start() {
    refuseReplaced();
    const worker = new Worker(script, ALONE);
    // What is pending holds the process by its port.
    unref(worker);
    return worker;
  },
  send: (worker, port) => post(worker, port, [port]),
  watch(worker, failed) {
    on(worker, "error", failed);
    on(worker, "exit", () => failed());
  },
  stop: uncurried(prototype.terminate),
});

export { SecretError } from "./error.js";
export { init, terminate } from "./home.js";
export { Secret } from "./remote.js";
