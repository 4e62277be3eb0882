// What the language gives, taken once, at import. Whoever patches it later, or gives an object methods
// of its own, changes nothing here: no method is looked up on what comes from outside, and none of the
// objects in here is handed to a method that somebody may have replaced.

const { bind, call } = Function.prototype;

/** `method` as a function of the object to call it on. */
export const uncurried = bind.bind(call);

/** The getter of a property as a function of the object that has it. */
export const accessor = (prototype, name) => uncurried(Object.getOwnPropertyDescriptor(prototype, name).get);

export const { defineProperty, freeze, getOwnPropertyDescriptor, getPrototypeOf, hasOwn, preventExtensions } = Object;
export const { isInteger, isSafeInteger } = Number;
export const { fromCharCode } = String;
export const { isArray } = Array;
export const { apply } = Reflect;
export const { asyncIterator, iterator } = Symbol;
export const { ArrayBuffer, DOMException, Map, Promise, Set, TypeError, Uint8Array, Uint32Array } = globalThis;
export const { isView } = ArrayBuffer;
export const { Instance, Module } = WebAssembly;

const views = Object.getPrototypeOf(Uint8Array.prototype);
/** The name of a typed array's kind; it sees through subclasses and other realms, and isn't fooled. */
export const kindOf = accessor(views, Symbol.toStringTag);
export const lengthOf = accessor(views, "length");
export const arrayBufferOf = accessor(views, "buffer");
export const dataViewBufferOf = accessor(DataView.prototype, "buffer");
export const dataViewOffsetOf = accessor(DataView.prototype, "byteOffset");
export const dataViewLengthOf = accessor(DataView.prototype, "byteLength");
export const bufferLengthOf = accessor(ArrayBuffer.prototype, "byteLength");
export const codePointAt = uncurried(String.prototype.codePointAt);
export const fill = uncurried(views.fill);
export const keys = uncurried(views.keys);
export const set = uncurried(views.set);

export const add = uncurried(Set.prototype.add);
export const has = uncurried(Set.prototype.has);
export const remove = uncurried(Set.prototype.delete);
export const forEach = uncurried(Set.prototype.forEach);

export const get = uncurried(Map.prototype.get);
export const put = uncurried(Map.prototype.set);
export const take = uncurried(Map.prototype.delete);
export const forEachIn = uncurried(Map.prototype.forEach);

// An accessor by the standard; an own property would do as well.
const { get: exportsGetter } = Object.getOwnPropertyDescriptor(Instance.prototype, "exports") ?? {};
export const exportsOf = exportsGetter ? uncurried(exportsGetter) : (instance) => instance.exports;
export const bufferOf = accessor(WebAssembly.Memory.prototype, "buffer");
export const globalValue = accessor(WebAssembly.Global.prototype, "value");
export const setGlobal = uncurried(Object.getOwnPropertyDescriptor(WebAssembly.Global.prototype, "value").set);

export const { FinalizationRegistry } = globalThis;
export const register = uncurried(FinalizationRegistry.prototype.register);
export const unregister = uncurried(FinalizationRegistry.prototype.unregister);
