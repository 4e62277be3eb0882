// What runs in the worker: it holds secrets, and answers calls for them over ports. Nothing of others is here,
// so the language is what it is.

import { binary } from "./binary.js";
import { start } from "./engine.js";
import { SecretError } from "./error.js";
import { Secret, forgetting } from "./secret.js";

start(binary());

/** For numbers that have no secret any more. */
const CLOSED = Secret.random(1);
CLOSED.close();

/** How many numbers, of all ports, each secret has. */
const holders = new Map();

const namesOf = (object) => new Set(Object.getOwnPropertyNames(object).filter((name) => name !== "constructor"));
const STATIC = namesOf(Secret);
const OPERATIONS = namesOf(Secret.prototype);

/** Answers on `port`, for which secrets have numbers of its own. */
function serve(port, ...secrets) {
  const held = { secrets: new Map(), last: 0 };
  for (const secret of secrets) numbered(held, secret);
  port.addEventListener("close", () => {
    for (const number of held.secrets.keys()) forget(held, number);
  });
  port.onmessage = async ({ data }) => {
    try {
      await answer(port, held, data);
    } catch {
      // Whoever has a port may send anything. What is no call gets no answer, and ends nobody's secrets.
    }
  };
}

/** A number for `secret`, which no other gets. */
function numbered(held, secret) {
  held.secrets.set(++held.last, secret);
  holders.set(secret, (holders.get(secret) ?? 0) + 1);
  return held.last;
}

/** Takes a number away. A handle that has none any more is forgotten; with the last one, its secret ends. */
function forget(held, number) {
  const secret = held.secrets.get(number);
  if (secret === undefined) return;
  held.secrets.delete(number);
  const rest = holders.get(secret) - 1;
  holders.set(secret, rest);
  if (rest > 0) return;
  holders.delete(secret);
  forgetting(secret);
}

async function answer(port, held, [id, name, number, values, others]) {
  if (name === "forget") return forget(held, number);
  const transfer = [];
  let told;
  try {
    const secretOf = (number) => held.secrets.get(number) ?? CLOSED;
    const given = values.map((value, i) => (others[i] === 0 ? value : secretOf(others[i])));
    const begun = outcomeOf(name, number === 0 ? undefined : secretOf(number), given);
    // What needn't be waited for is answered in the order of the questions.
    told = tell(held, begun instanceof Promise ? await begun : begun, transfer);
  } catch (error) {
    told = refusal(error);
  }
  // Whatever was sent is a copy.
  for (const value of values) if (value instanceof Uint8Array) value.fill(0);
  port.postMessage([id, ...told], transfer);
}

function outcomeOf(name, secret, given) {
  if (secret === undefined) {
    if (!STATIC.has(name)) throw new TypeError(`there is no ${name}`);
    return Secret[name](...given);
  }
  if (name === "reveal") return copyOf(secret, given[0]);
  if (name === "encode") return secret.withEncoded(given[0], copied);
  if (name === "toPort") return portOf(secret);
  if (!OPERATIONS.has(name)) throw new TypeError(`there is no ${name}`);
  const member = secret[name];
  return typeof member === "function" ? member.apply(secret, given) : member;
}

/** A copy in a buffer that goes there. */
function copied(bytes) {
  const copy = new Uint8Array(new ArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

/** The bytes for whoever has `room` for them, in a buffer that goes there. */
function copyOf(secret, room) {
  const copy = new Uint8Array(new ArrayBuffer(Math.min(room, secret.byteLength)));
  secret.copyInto(copy);
  return copy;
}

/** Another port, for which the secret has the number 1. */
function portOf(secret) {
  // Of one that has ended, there is no handle.
  secret.byteLength;
  const { port1, port2 } = new MessageChannel();
  serve(port1, secret);
  return port2;
}

function tell(held, outcome, transfer) {
  if (outcome instanceof Secret) return ["secret", numbered(held, outcome)];
  if (outcome instanceof Uint8Array) transfer.push(outcome.buffer);
  if (outcome instanceof MessagePort) transfer.push(outcome);
  return ["value", outcome];
}

function refusal(error) {
  if (error instanceof TypeError) return ["wrong", undefined, error.message];
  if (error instanceof SecretError) return ["refused", error.code, error.message];
  // The platform's, which not all engines clone.
  return ["thrown", error.name, error.message];
}

if (globalThis.WorkerGlobalScope) {
  globalThis.onmessage = ({ data }) => serve(data);
} else {
  // By a name that no bundler looks for: where it isn't run, there is no such module.
  const threads = "node:worker_threads";
  import(threads).then(({ parentPort }) => parentPort.once("message", (port) => serve(port)));
}
