// What the Rust side of the class asks of arguments that are neither bytes nor lengths; their types
// are in options.d.ts.

const ALGORITHMS = ["aes256-gcm", "chacha20-poly1305", "xchacha20-poly1305"];

/** Where in this list the algorithm called `name` is. */
export function algorithmAt(name) {
  const position = ALGORITHMS.indexOf(name);
  if (position < 0) {
    const given = typeof name === "string" ? JSON.stringify(name) : typeof name;
    throw new TypeError(`strongroom takes one of ${ALGORITHMS.join(", ")} as algorithm, not ${given}`);
  }
  return position;
}

/** The figure called `name` in `cost`. */
export function figureOf(cost, name) {
  const figure = cost?.[name];
  if (!Number.isInteger(figure) || figure < 0 || figure > 0xffffffff) {
    throw new TypeError(`strongroom takes ${name} as a whole number of 32 bits`);
  }
  return figure;
}
