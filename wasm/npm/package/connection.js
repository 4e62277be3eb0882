// Calls to the thread that holds the secrets, over a port, and their answers. What is told of them to others
// (events, promises) never has a secret's bytes in it before its caller has.

import { Map, TypeError, forEachIn, get, put, sizeOf, take } from "./intrinsics.js";
import { SecretError } from "./error.js";
import { begin, buffersOf, dataOf, hold, listen, post, release } from "./ports.js";

/** A connection over `port`, which nobody else has. */
export function connected(port) {
  const connection = { port, calls: new Map(), last: 0, failure: undefined };
  listen(port, "message", (event) => answered(connection, dataOf(event)));
  listen(port, "messageerror", () => fail(connection, new TypeError("an answer could not be read")));
  // Where there is such an event, it comes when the other end is gone.
  listen(port, "close", () => fail(connection));
  begin(port);
  release(port);
  return connection;
}

/**
 * Asks for the operation called `name` on the secret of this number, 0 for none, with four `values`, of which
 * Uint8Arrays are transferred. Then `done` gets what the answer is, "secret" or "value", and itself; `failed`
 * gets an error.
 */
export function call(connection, name, number, values, done, failed) {
  if (connection.failure !== undefined) return failed(connection.failure);
  const id = ++connection.last;
  post(connection.port, [id, name, number, values], buffersOf(values));
  put(connection.calls, id, { done, failed });
  hold(connection.port);
}

/** Says something that nobody waits for. */
export function tell(connection, name, number) {
  if (connection.failure === undefined) post(connection.port, [0, name, number, []]);
}

function answered(connection, answer) {
  const id = answer[0];
  const { done, failed } = get(connection.calls, id);
  take(connection.calls, id);
  if (sizeOf(connection.calls) === 0) release(connection.port);
  const what = answer[1];
  if (what === "refused") return failed(new SecretError(answer[2], answer[3]));
  if (what === "wrong") return failed(new TypeError(answer[3]));
  done(what, answer[2]);
}

/** Ends a connection: what is pending fails, and so does what comes. */
export function fail(connection, cause) {
  if (connection.failure !== undefined) return;
  const message = "the thread that held the secret has ended, and the secret with it; make a new one";
  const failure = new SecretError("terminated", message, cause === undefined ? undefined : { cause });
  connection.failure = failure;
  const pending = connection.calls;
  connection.calls = new Map();
  release(connection.port);
  forEachIn(pending, ({ failed }) => failed(failure));
}
