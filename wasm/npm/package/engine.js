// The one way into WebAssembly. Nothing of others is called on it, so it is never left but by its end,
// or by an exception which isn't ours: a trap, the limit of a time-out, no memory for a result. Then
// what was under way can't be trusted any more, not even the heap; so the secrets move to a fresh
// instance, and all memory of the old one is wiped.

import {
  Instance,
  Map,
  Module,
  Set,
  Uint32Array,
  Uint8Array,
  add,
  bufferOf,
  exportsOf,
  fill,
  forEach,
  fromCharCode,
  get,
  globalValue,
  lengthOf,
  put,
  remove,
  set,
  setGlobal,
} from "./intrinsics.js";
import { NONE, wipe, zeros } from "./bytes.js";
import { SecretError } from "./error.js";
import { utf8Length, writeUtf8 } from "./utf8.js";

/**
 * What there must be of the machine's stack before a call begins, in frames of 8 KiB: more than any
 * operation takes in V8 and SpiderMonkey, optimised or not (one such frame is enough for each), and V8's demand
 * of 40 KiB for compiling one. Where there is less, the engine's own exception is thrown with nothing begun.
 */
const HEADROOM = 12;

/** So few bytes are copied faster one by one. */
const FEW = 64;

let module;
/** The instance that all secrets are in. */
let current;
/** A fresh one that secrets were being moved to when that was cut short. */
let abandoned;
/** The lives of all secrets: nothing else in linear memory is one. */
const owned = new Set();
/** Whether a call has begun and not ended. */
let unfinished = false;
/** Why there is no instance any more. */
let failure;

/** Makes everything ready, of the bytes of the binary or of its module. */
export function start(binary) {
  module = binary instanceof Module ? binary : new Module(binary);
  current = instantiated();
}

/** Whether everything is ready. */
export function started() {
  return current !== undefined;
}

function instantiated() {
  const wasm = exportsOf(new Instance(module));
  // `stack` is where the stack begins between calls, `out` where wasm says what it shows.
  const instance = {
    wasm,
    stack: globalValue(wasm.__stack_pointer),
    out: wasm.out() >>> 2,
    buffer: undefined,
    bytes: undefined,
    words: undefined,
  };
  look(instance);
  return instance;
}

/** Looks at an instance's memory anew. */
function look(instance) {
  instance.buffer = bufferOf(instance.wasm.memory);
  instance.bytes = new Uint8Array(instance.buffer);
  instance.words = new Uint32Array(instance.buffer);
}

/** Where memory has grown, earlier views have no element any more. */
function lookAgain(instance) {
  if (instance.bytes[0] === undefined) look(instance);
}

// What becomes of an operation's outcome. Nothing is called in between, but here.

export const number = (_, outcome) => outcome;

export const truth = (_, outcome) => outcome === 1;

/**
 * Whether a life is over: that of a handle ends with its own close, and with that of any which it was restricted from.
 */
export function ended(life) {
  for (let at = life; at !== undefined; at = at.from) if (at.closed) return true;
  return false;
}

/** Gives `life` the number of its secret, as the last that is done: before that it owns none. */
export function adopted(_, outcome, life) {
  add(owned, life);
  life.number = outcome;
}

/** A copy of the result, which is wiped where it was. */
export function taken(instance, length) {
  const copy = zeros(length);
  copyOut(instance, length, copy);
  instance.wasm.clear();
  return copy;
}

/** A copy of the secret. */
export function copied(instance, length) {
  const copy = zeros(length);
  copyOut(instance, length, copy);
  return copy;
}

/** Copies the secret to the front of `target`, which has the room, and says how long it is. */
export function copiedInto(instance, length, target) {
  copyOut(instance, length, target);
  return length;
}

function copyOut({ buffer, bytes, words, out }, length, target) {
  const from = words[out];
  if (length > FEW) return set(target, new Uint8Array(buffer, from, length));
  for (let i = 0; i < length; i++) target[i] = bytes[from + i];
}

/** How many bytes an argument has. */
function byteCount(argument) {
  return typeof argument === "string" ? utf8Length(argument) : lengthOf(argument);
}

/** Copies exactly `length` bytes, however many `source` has by now. */
function copyIn({ buffer, bytes }, source, length, to) {
  if (typeof source === "string") return writeUtf8(source, bytes, to);
  if (length > FEW) return set(new Uint8Array(buffer, to, length), source);
  for (let i = 0; i < length; i++) bytes[to + i] = source[i];
}

/** Sees to all that a call needs before it begins, or throws with nothing begun. */
function prepare() {
  if (failure !== undefined) throw failure;
  if (current === undefined) throw new SecretError("not-ready", "call init of strongroom/init first");
  current.wasm.headroom(HEADROOM);
  if (unfinished) renew();
}

/**
 * Calls the operation called `name` with numbers, with up to three arguments that are Uint8Arrays or strings,
 * and with random bytes, which are wiped; gives what `finish` makes of its outcome and of `target`.
 *
 * A call that throws has changed nothing; one that is `interrupted` may have changed the content of a
 * secret that it was called for, as a whole.
 */
export function enter(name, finish, target, a, b, c, d, e, first, second, third, random) {
  const p = byteCount(first);
  const q = byteCount(second);
  const r = byteCount(third);
  prepare();
  unfinished = true;
  let outcome, result;
  try {
    outcome = bring(current, p, q, r, first, second, third, random) ? current.wasm[name](a, b, c, d, e) : -1;
    lookAgain(current);
    result = outcome < 0 ? refusal(current) : finish(current, outcome, target);
  } catch (cause) {
    renew();
    const message = `${name} was cut short by an exception: it has made nothing, and what it was to replace is as before or replaced as a whole`;
    throw new SecretError("interrupted", message, { cause });
  }
  unfinished = false;
  if (outcome < 0) throw result;
  return result;
}

/** Ends the secret that `life` has, or what was lent to it. */
export function end(life) {
  release(life, "close", true);
}

/** Nobody has `life` any more. If it was the last on a secret, that ends. */
export function forget(life) {
  release(life, "forget", false);
}

/**
 * Takes away the number that `life` has. It has none before WebAssembly frees the number, which another handle
 * then gets: so wherever this is cut short, no number has two lives, and what has no life isn't moved.
 */
function release(life, name, closed) {
  const secret = life.number;
  if (secret === 0) return;
  if (failure === undefined) {
    prepare();
    unfinished = true;
    // First: wherever this is cut short, what was restricted from it isn't wider than it.
    life.closed = closed;
    life.number = 0;
    remove(owned, life);
    try {
      current.wasm[name](secret);
    } catch {
      // Wiped with all the old memory.
      return renew();
    }
    unfinished = false;
  }
  life.number = 0;
}

/** The same for an operation that takes numbers alone. */
export function ask(name, finish, target, a, b, c, d) {
  return enter(name, finish, target, a, b, c, d, 0, NONE, NONE, NONE, NONE);
}

/** Whether there was room for the arguments, which are there then. */
function bring(instance, p, q, r, first, second, third, random) {
  if (p + q + r > 0) {
    const room = instance.wasm.room(p, q, r) >>> 0;
    if (room === 0) return false;
    lookAgain(instance);
    copyIn(instance, first, p, room);
    copyIn(instance, second, q, room + p);
    copyIn(instance, third, r, room + p + q);
  }
  if (random !== NONE) {
    const length = byteCount(random);
    const room = instance.wasm.entropy_room(length) >>> 0;
    if (room === 0) return false;
    lookAgain(instance);
    copyIn(instance, random, length, room);
    wipe(random);
  }
  return true;
}

/** What was refused, and why: a code, a line's end and a message. */
function refusal({ bytes, words, out }) {
  const end = words[out] + words[out + 1];
  let code;
  let text = "";
  for (let at = words[out]; at < end; at++) {
    if (code === undefined && bytes[at] === 10) {
      code = text;
      text = "";
    } else {
      text += fromCharCode(bytes[at]);
    }
  }
  return new SecretError(code, text);
}

/** Moves all handles that have a life, as they are, to a fresh instance, and wipes the old one's memory. */
function renew() {
  try {
    if (abandoned !== undefined) wipeAll(abandoned);
    abandoned = instantiated();
    setGlobal(current.wasm.__stack_pointer, current.stack);
    move(current, abandoned);
    const old = current;
    current = abandoned;
    abandoned = undefined;
    wipeAll(old);
    unfinished = false;
  } catch (cause) {
    wipeAll(current);
    if (abandoned !== undefined) wipeAll(abandoned);
    const message =
      "a call was cut short and the secrets could not be saved, so all are wiped; reload the page, or end the worker or process";
    failure = new SecretError("lost", message, { cause });
    throw failure;
  }
}

function move(old, fresh) {
  look(old);
  const lives = new Map();
  forEach(owned, (life) => put(lives, life.number, life));
  // By what the handles on one secret have in common, the number of the first of them.
  const first = new Map();
  const highest = old.wasm.highest();
  for (let handle = 1; handle <= highest; handle++) {
    const life = get(lives, handle);
    if (life === undefined) continue;
    if (ended(life)) {
      // Nothing is left to be moved.
      life.number = 0;
      remove(owned, life);
      continue;
    }
    const identity = old.wasm.identity(handle);
    const rights = old.wasm.rights(handle);
    // Then the old memory isn't to be trusted at all.
    if (rights < 0) throw refusal(old);
    const same = get(first, identity);
    const outcome = same === undefined ? moveBytes(old, fresh, handle, rights) : fresh.wasm.restore_further(handle, same, rights);
    lookAgain(fresh);
    if (outcome < 0) throw refusal(fresh);
    if (same === undefined) put(first, identity, handle);
  }
}

function moveBytes(old, fresh, handle, rights) {
  const length = old.wasm.salvage(handle);
  if (length < 0) throw refusal(old);
  const from = old.words[old.out];
  const room = fresh.wasm.room(length, 0, 0) >>> 0;
  lookAgain(fresh);
  if (room === 0) throw refusal(fresh);
  set(new Uint8Array(fresh.buffer, room, length), new Uint8Array(old.buffer, from, length));
  return fresh.wasm.restore(handle, rights);
}

function wipeAll(instance) {
  look(instance);
  fill(instance.bytes, 0);
}
