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
export const hold = port.ref ? uncurried(port.ref) : nothing;
export const release = port.unref ? uncurried(port.unref) : nothing;

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
