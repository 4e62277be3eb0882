// The thread in which secrets are made: one for all, started when the first is.

import { TypeError } from "./intrinsics.js";
import { connected, fail } from "./connection.js";
import { channelEnds } from "./ports.js";

/** How a worker is started, told and ended. */
let workers;
/** The worker, and the connection to it. */
let current;

/** Takes the platform's way: `start()` gives a worker; `send`, `watch` and `stop` take one. */
export function supply(ways) {
  workers = ways;
}

/** The connection to the thread. */
export function home() {
  return (current ?? begun(workers.start())).connection;
}

/**
 * Makes secrets in `worker`, which runs `strongroom/thread`, for who starts it another way. Once there is a
 * thread, there is no other until it has ended.
 */
export function init(worker) {
  if (current !== undefined) throw new TypeError("there is a thread already; end it by terminate first");
  begun(worker);
}

function begun(worker) {
  const { here, there } = channelEnds();
  workers.send(worker, there);
  const connection = connected(here);
  const mine = { worker, connection };
  workers.watch(worker, (cause) => {
    fail(connection, cause);
    if (current !== mine) return;
    current = undefined;
    // A worker of the web goes on after an error of its script.
    workers.stop(worker);
  });
  current = mine;
  return mine;
}

/** Ends the thread, and with it all its secrets and what is pending. The next secret is made in a new one. */
export async function terminate() {
  if (current === undefined) return;
  const { worker, connection } = current;
  current = undefined;
  fail(connection);
  await workers.stop(worker);
}
