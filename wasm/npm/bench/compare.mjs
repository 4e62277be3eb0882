// Every peer does everything that it can, and is measured if the result is right. Prints a line of JSON for
// each cell of the table, as soon as it is there.

import { undisturbed } from "./measure.mjs";
import { OPERATIONS } from "./workload.mjs";

const TABLE = "operations";

/** `peers` are modules of peers/, strongroom's first; `host` is where they run. */
export async function compare(peers, host, print) {
  const [own] = peers;
  const expected = await own.operations();
  const key = own.key();
  for (const { name, operations } of peers) {
    const row = `${name}, ${host}`;
    let can = {};
    try {
      can = await operations();
    } catch (error) {
      for (const column of Object.keys(OPERATIONS)) print(missing(row, column, error));
    }
    for (const [column, { same }] of Object.entries(OPERATIONS)) {
      if (can[column] === undefined) continue;
      try {
        const [result, others] = [await can[column](), await expected[column]()];
        if (!same(result, others, key)) throw new Error("its result is another one");
        print({ table: TABLE, row, column, figure: await undisturbed(can[column]) });
      } catch (error) {
        print(missing(row, column, error));
      }
    }
  }
}

function missing(row, column, error) {
  return { table: TABLE, row, column, missing: String(error?.message || error) };
}
