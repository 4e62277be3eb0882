// Linear memory as a picture, in which what it has of a secret is lit.

/** Bytes that one point of the picture stands for. */
const BYTES_PER_POINT = 8;
/** With so many, a memory of 18 pages, which is usual, is about as high as wide. */
const POINTS_PER_ROW = 384;
/** Radius of the glow around what is lit, in points; a point itself is hardly seen. */
const GLOW = 8;

/** Bytes that are shown before and behind a run that is lit. */
const AROUND = 4;
/** So many runs are shown byte by byte, and so many bytes of each. */
const RUNS_SHOWN = 4;
const BYTES_SHOWN = 64;

/**
 * The runs of bytes in `memory` that are of any of `needles`, in order, those that overlap as one. What was there
 * `before` any secret was, at the same place, is none: texts of the module's own may be like a secret.
 */
export function lit(memory, needles, before) {
  const bytes = new Uint8Array(memory.buffer);
  const runs = needles.flatMap((needle) => [...needle.runs(bytes)]).filter((run) => isNew(run, bytes, before));
  const merged = [];
  for (const { start, end } of runs.sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return merged;
}

function isNew({ start, end }, bytes, before) {
  for (let at = start; at < end; at++) if (bytes[at] !== before[at]) return true;
  return false;
}

export const bytesIn = (runs) => runs.reduce((sum, { start, end }) => sum + end - start, 0);

/** Draws all of `memory`: what is zero, what isn't, and the `runs` that are lit. */
export function draw(canvas, memory, runs) {
  const bytes = new Uint8Array(memory.buffer);
  canvas.width = POINTS_PER_ROW;
  canvas.height = Math.ceil(bytes.length / BYTES_PER_POINT / POINTS_PER_ROW);
  const { zero, used, glow } = coloursOf(canvas);
  const context = canvas.getContext("2d");
  context.fillStyle = zero;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = used;
  for (let point = 0; point * BYTES_PER_POINT < bytes.length; point++) {
    const start = point * BYTES_PER_POINT;
    if (bytes.subarray(start, start + BYTES_PER_POINT).some((byte) => byte !== 0)) fillPoint(context, point);
  }
  context.fillStyle = glow;
  for (const { start, end } of runs) {
    const first = Math.floor(start / BYTES_PER_POINT);
    const last = Math.floor((end - 1) / BYTES_PER_POINT);
    context.globalAlpha = 0.35;
    for (const point of [first, last]) fillAround(context, point);
    context.globalAlpha = 1;
    for (let point = first; point <= last; point++) fillPoint(context, point);
  }
}

const placeOf = (point) => [point % POINTS_PER_ROW, Math.floor(point / POINTS_PER_ROW)];

function fillPoint(context, point) {
  const [x, y] = placeOf(point);
  context.fillRect(x, y, 1, 1);
}

function fillAround(context, point) {
  const [x, y] = placeOf(point);
  context.beginPath();
  context.arc(x + 0.5, y + 0.5, GLOW, 0, 2 * Math.PI);
  context.fill();
}

function coloursOf(element) {
  const style = getComputedStyle(element);
  const colour = (name) => style.getPropertyValue(`--${name}`);
  return { zero: colour("zero"), used: colour("used"), glow: colour("glow") };
}

/** Shows the first of `runs` byte by byte, in a `list`. */
export function spell(list, memory, runs) {
  const bytes = new Uint8Array(memory.buffer);
  const items = runs.slice(0, RUNS_SHOWN).map((run) => spelled(bytes, run));
  const rest = runs.length - items.length;
  if (rest > 0) items.push(itemOf(`and ${rest} more`));
  list.replaceChildren(...items);
}

function spelled(bytes, { start, end }) {
  const item = itemOf(`at 0x${start.toString(16)}: ${end - start} bytes`);
  const shown = item.appendChild(document.createElement("span"));
  shown.className = "bytes";
  const stop = Math.min(end, start + BYTES_SHOWN);
  for (let at = Math.max(0, start - AROUND); at < Math.min(bytes.length, stop + AROUND); at++) {
    const byte = shown.appendChild(document.createElement("span"));
    byte.textContent = characterOf(bytes[at]);
    if (start <= at && at < end) byte.className = "lit";
  }
  return item;
}

function itemOf(text) {
  const item = document.createElement("li");
  item.textContent = text;
  return item;
}

/** What stands for a byte: its character, if it is one that is seen, or its number. */
function characterOf(byte) {
  return byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : byte.toString(16).padStart(2, "0");
}
