// What ports and workers give, taken at import like the rest.

import { accessor, arrayBufferOf, defineProperty, iterator, kindOf, uncurried } from "./intrinsics.js";

export const { MessageChannel } = globalThis;

const { prototype: port } = globalThis.MessagePort;
const nothing = () => {};

export const post = uncurried(port.postMessage);
export const listen = uncurried(EventTarget.prototype.addEventListener);
export const begin = uncurried(port.start);
export const dataOf = accessor(MessageEvent.prototype, "data");
// Node's, where ports that are listened to keep the process from ending.
const ref = port.ref ? uncurried(port.ref) : nothing;
const unref = port.unref ? uncurried(port.unref) : nothing;

/** How many calls each port has pending, whoever made them. */
const pending = new WeakMap();
const pendingOn = uncurried(WeakMap.prototype.get);
const setPending = uncurried(WeakMap.prototype.set);

/** Keeps the process for a call that is pending on the port. */
export function hold(port) {
  const calls = pendingOn(pending, port) ?? 0;
  setPending(pending, port, calls + 1);
  if (calls === 0) ref(port);
}

/** One of them isn't any more. */
export function release(port) {
  const calls = pendingOn(pending, port) - 1;
  setPending(pending, port, calls);
  if (calls === 0) unref(port);
}

/** Lets the process end, unless a call is pending on the port. */
export function letEnd(port) {
  if (!pendingOn(pending, port)) unref(port);
}

const channel = MessageChannel.prototype;
// Accessors by the standard; in Node, own properties.
const portOf = (name) => (Object.getOwnPropertyDescriptor(channel, name) ? accessor(channel, name) : (made) => made[name]);
const firstOf = portOf("port1");
const secondOf = portOf("port2");

/** Both ends of a new channel. */
export function channelEnds() {
  const made = new MessageChannel();
  return { here: firstOf(made), there: secondOf(made) };
}

/**
 * The buffers of the Uint8Arrays among the four `values`, as a list for `postMessage`: one that brings its own
 * iterator, since that of arrays may be anybody's. It is an array all the same, because of other lists Node 20.0
 * takes none, and aborts.
 */
export function buffersOf(values) {
  const list = [];
  let count = 0;
  for (let at = 0; at < 4; at++) {
    const value = values[at];
    if (kindOf(value) !== "Uint8Array") continue;
    // Defined, since an assignment asks what arrays inherit.
    defineProperty(list, count++, { __proto__: null, value: arrayBufferOf(value) });
  }
  let next = 0;
  const step = () =>
    next < count ? { __proto__: null, done: false, value: list[next++] } : { __proto__: null, done: true };
  return defineProperty(list, iterator, { __proto__: null, value: () => ({ __proto__: null, next: step }) });
}
