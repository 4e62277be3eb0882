// How long things take, in nanoseconds for one time.

/** How long one batch takes at least, in milliseconds: long beside what a page's clock can tell apart. */
const BATCH = 8;
/** How many batches there are. */
const ROUNDS = 40;

/** What batches of `run`, which may give promises, take when nothing disturbs them: their lower decile. */
export async function undisturbed(run) {
  const isPromised = run() instanceof Promise;
  const batch = isPromised ? promised : immediate;
  let times = 1;
  // Seen twice, as a disturbance can only add.
  while ((await batch(run, times)) < BATCH || (await batch(run, times)) < BATCH) times *= 2;
  const batches = [];
  for (let round = 0; round < ROUNDS; round++) batches.push((await batch(run, times)) / times);
  batches.sort((one, other) => one - other);
  return batches[ROUNDS / 10] * 1e6;
}

function immediate(run, times) {
  const start = performance.now();
  for (let time = 0; time < times; time++) run();
  return performance.now() - start;
}

/** One after the other. */
async function promised(run, times) {
  const start = performance.now();
  for (let time = 0; time < times; time++) await run();
  return performance.now() - start;
}
