// The entry for secrets in a worker, where workers are Node's threads.

import { TypeError, getOwnPropertyDescriptor, getPrototypeOf, hasOwn, uncurried } from "./intrinsics.js";
import { supply } from "./home.js";

// The build imports it; who changes that import later changes nothing here.
const Worker = Thread;
const { prototype } = Worker;
const on = uncurried(prototype.on);
const post = uncurried(prototype.postMessage);
const unref = uncurried(prototype.unref);

/** Nothing of this process: no variables, no options that load other code first, and none that are inherited. */
const ALONE = { __proto__: null, env: { __proto__: null }, execArgv: [], eval: true, name: "strongroom" };

/** What the thread runs. Code, since Node would find a file by what anybody may have replaced. */
const code = `import(${JSON.stringify(script)})`;

const list = Array.prototype;

/** What ports have and inherit, by which Node's own JavaScript uses the thread's. */
const METHODS = ["addEventListener", "on", "postMessage", "ref", "start", "unref"];
const given = [];
for (let object = MessagePort.prototype; object !== null; object = getPrototypeOf(object)) {
  const parent = getPrototypeOf(object);
  for (const name of METHODS) given[given.length] = { object, name, value: own(object, name), parent };
}

/** The value of an object's own property; none of an accessor, which may give one now and another later. */
function own(object, name) {
  const property = getOwnPropertyDescriptor(object, name);
  return property !== undefined && hasOwn(property, "value") ? property.value : undefined;
}

function areReplaced() {
  if (0 in list || 1 in list) return true;
  for (let i = 0; i < given.length; i++) {
    const { object, name, value, parent } = given[i];
    if (own(object, name) !== value || hasOwn(object, name) !== (value !== undefined)) return true;
    if (getPrototypeOf(object) !== parent) return true;
  }
  return false;
}

/** Whoever has replaced what Node hands ports on by would get the thread's. */
function refuseReplaced() {
  if (!areReplaced()) return;
  throw new TypeError(
    "methods of MessagePort.prototype, or elements of Array.prototype, were replaced after strongroom/worker was " +
      "imported, so that others would get hold of its thread; make a secret before that",
  );
}

supply({
  start() {
    refuseReplaced();
    const worker = new Worker(code, ALONE);
    // What is pending holds the process by its port.
    unref(worker);
    return worker;
  },
  send(worker, port) {
    // A worker of the caller's hasn't been started by the above.
    refuseReplaced();
    post(worker, port, [port]);
  },
  watch(worker, failed) {
    on(worker, "error", failed);
    on(worker, "exit", () => failed());
  },
  stop: uncurried(prototype.terminate),
});

export { SecretError } from "./error.js";
export { init, terminate } from "./home.js";
export { Secret } from "./remote.js";
