// Calls to the thread that holds the secrets, over a port, and their answers. What is told of them to others
// (events, promises) never has a secret's bytes in it before its caller has.

import { DOMException, Map, TypeError, forEachIn, get, isArray, kindOf, lengthOf, put, take } from "./intrinsics.js";
import { wipe } from "./bytes.js";
import { SecretError } from "./error.js";
import { begin, buffersOf, dataOf, hold, letEnd, listen, post, release } from "./ports.js";

/** Of the last call on any connection: two on one port would take each other's answers otherwise. */
let last = 0;

/** A connection over `port`, which nobody else has. */
export function connected(port) {
  // First, since it refuses what is no port.
  begin(port);
  const connection = { port, calls: new Map(), failure: undefined };
  listen(port, "message", (event) => answered(connection, dataOf(event)));
  listen(port, "messageerror", () => fail(connection, new TypeError("an answer could not be read")));
  // Where there is such an event, it comes when the other end is gone.
  listen(port, "close", () => fail(connection));
  letEnd(port);
  return connection;
}

/**
 * Asks for the operation called `name` on the secret of this number, 0 for none, with four `values`, of which
 * Uint8Arrays are transferred, or in their place the secrets whose numbers `others` are. Then `done` gets what the
 * answer is, "secret" or "value", and itself; `failed` gets an error. What isn't sent is wiped here.
 */
export function call(connection, name, number, values, others, done, failed) {
  if (connection.failure !== undefined) {
    discard(values);
    return failed(connection.failure);
  }
  const id = ++last;
  // Before it is sent: where the stack ends in between, an answer still finds its call.
  put(connection.calls, id, { done, failed });
  hold(connection.port);
  try {
    post(connection.port, [id, name, number, values, others], buffersOf(values));
  } catch (error) {
    take(connection.calls, id);
    release(connection.port);
    discard(values);
    throw error;
  }
}

/** Wipes those of four `values` that are copies, and still here. */
export function discard(values) {
  for (let i = 0; i < 4; i++) discardOne(values[i]);
}

function discardOne(value) {
  // A buffer that was transferred has no bytes to fill, which would be an error.
  if (kindOf(value) === "Uint8Array" && lengthOf(value) > 0) wipe(value);
}

/** Says something that nobody waits for. */
export function tell(connection, name, number) {
  if (connection.failure === undefined) post(connection.port, [0, name, number]);
}

/** Whoever has the other end of a port may send anything: what answers no call is none. */
function answered(connection, answer) {
  if (!isArray(answer)) return;
  const id = answer[0];
  const waiting = get(connection.calls, id);
  if (waiting === undefined) {
    // The thread was ended when it had answered already, and nobody takes the bytes.
    if (connection.failure !== undefined) discardOne(answer[2]);
    return;
  }
  take(connection.calls, id);
  release(connection.port);
  const { done, failed } = waiting;
  const what = answer[1];
  try {
    if (what === "refused") return failed(new SecretError(answer[2], answer[3]));
    if (what === "wrong") return failed(new TypeError(answer[3]));
    if (what === "thrown") return failed(new DOMException(answer[3], answer[2]));
    done(what, answer[2]);
  } catch (cause) {
    failed(new TypeError("what came over the port is no answer of strongroom's", { cause }));
  }
}

/** Ends a connection: what is pending fails, and so does what comes. */
export function fail(connection, cause) {
  if (connection.failure !== undefined) return;
  const message = "the thread that held the secret has ended, and the secret with it; make a new one";
  const failure = new SecretError("terminated", message, cause === undefined ? undefined : { cause });
  connection.failure = failure;
  const pending = connection.calls;
  connection.calls = new Map();
  forEachIn(pending, ({ failed }) => {
    release(connection.port);
    failed(failure);
  });
}
