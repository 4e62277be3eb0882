// What one does on the page, on both sides at once, and what is seen of it.

import { Needle, WINDOW } from "../residue/needle.mjs";
import { bytesIn, draw, lit, spell } from "./memory-picture.mjs";
import { naive, strongroom } from "./sides.mjs";

const LONGEST = 4096;
const LIVES = 100;

const find = (selector) => document.querySelector(selector);
const [field, file, status, steps] = ["#secret", "#file", "#status", "#steps"].map(find);
const buttons = [...document.querySelectorAll("[data-step]")];

/** A file's bytes in the place of what is typed. */
let given;
/** What to look for: every secret there has been. */
const needles = [];

const sides = Object.entries({ strongroom: await strongroom(), naive: await naive() }).map(([name, module]) => ({
  name,
  module,
  section: find(`#${name}`),
  /** All memory, before there was any secret in it. */
  before: new Uint8Array(module.memory.buffer).slice(),
  secret: undefined,
}));

/** The bytes that the next secret is made of, which are looked for from now on. */
function chosen() {
  const bytes = given ?? new TextEncoder().encode(field.value);
  if (bytes.length < WINDOW || bytes.length > LONGEST) {
    throw new RangeError(`a secret for this picture has from ${WINDOW} to ${LONGEST} bytes, not ${bytes.length}`);
  }
  needles.push(new Needle(bytes));
  return bytes;
}

/** What each step does on one side, with the bytes that were chosen for it. */
const does = {
  make(side, bytes) {
    side.secret = side.module.make(bytes);
  },
  sign: ({ module, secret }) => module.sign(secret),
  encrypt: ({ module, secret }) => module.encrypt(secret),
  replace: ({ module, secret }, bytes) => module.replace(secret, bytes),
  throwInside: ({ module, secret }) => module.throwInside(secret),
  close(side) {
    const { module, secret } = side;
    side.secret = undefined;
    module.close(secret);
  },
  lives({ module }, bytes) {
    for (let life = 0; life < LIVES; life++) {
      const secret = module.make(bytes);
      module.sign(secret);
      module.encrypt(secret);
      module.close(secret);
    }
  },
};

const takesBytes = ["make", "replace", "lives"];
const needsSecret = ["sign", "encrypt", "replace", "throwInside", "close"];

function perform(step, title) {
  try {
    const bytes = takesBytes.includes(step) ? chosen() : undefined;
    const refusals = sides.flatMap((side) => refusalOf(side, step, bytes));
    status.textContent = [`${title}: done.`, ...refusals].join(" ");
    note(title, look());
  } catch (error) {
    status.textContent = error.message;
  }
  const focused = document.activeElement;
  offer();
  // Who works with the keyboard stays among the buttons.
  if (focused.disabled) buttons.find((button) => !button.disabled).focus();
}

/** Does the step on one side; says what that refused. */
function refusalOf(side, step, bytes) {
  try {
    does[step](side, bytes);
    return [];
  } catch (error) {
    return [`Not by ${side.name}: ${error.message}.`];
  }
}

/** Looks at both memories, shows what is there, and gives how many bytes of each are lit. */
function look() {
  return sides.map(({ module: { memory }, section, before }) => {
    const runs = lit(memory, needles, before);
    const count = bytesIn(runs);
    const text = `${count} bytes lit, in ${runs.length} ${runs.length === 1 ? "place" : "places"}`;
    section.dataset.lit = count;
    section.querySelector(".count").textContent = text;
    const canvas = section.querySelector("canvas");
    canvas.setAttribute("aria-label", `${memory.buffer.byteLength / 1024} KiB of linear memory: ${text}`);
    draw(canvas, memory, runs);
    spell(section.querySelector(".runs"), memory, runs);
    return count;
  });
}

function note(title, counts) {
  const row = steps.insertRow(0);
  for (const text of [title, ...counts]) row.insertCell().textContent = text;
}

/** Offers what can be done now. */
function offer() {
  const isThere = sides.some(({ secret }) => secret !== undefined);
  for (const button of buttons) {
    const { step } = button.dataset;
    button.disabled = step === "make" ? isThere : needsSecret.includes(step) && !isThere;
  }
}

async function take(taken) {
  if (taken === undefined) return;
  given = new Uint8Array(await taken.slice(0, LONGEST).arrayBuffer());
  status.textContent = `The next secret is the file ${taken.name}: ${given.length} bytes.`;
}

find("#controls").addEventListener("submit", (event) => event.preventDefault());
for (const button of buttons) {
  button.addEventListener("click", () => perform(button.dataset.step, button.textContent));
}
field.addEventListener("input", () => {
  given = undefined;
  file.value = "";
});
file.addEventListener("change", () => take(file.files[0]));
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  take(event.dataTransfer.files[0]);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", look);

look();
offer();
status.textContent = "Ready.";
document.body.dataset.ready = "";
