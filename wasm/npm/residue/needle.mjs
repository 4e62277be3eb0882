// Searching memory for what may be left of a secret.

/** A run of this many bytes of a secret counts as found. */
export const WINDOW = 8;

const WORD = 4;

/**
 * What to search for. It is kept masked, with the mask elsewhere, so that a search through all of
 * a process doesn't find the needle itself.
 */
export class Needle {
  #masked;
  #mask;
  // Which values the first two bytes of any four in a row have: enough to pass over nearly all of
  // the haystack without unmasking anything.
  #starts = new Uint8Array(1 << 16);

  constructor(secret) {
    if (secret.length < WINDOW) throw new RangeError(`a needle has at least ${WINDOW} bytes`);
    this.#mask = crypto.getRandomValues(new Uint8Array(new ArrayBuffer(secret.length)));
    this.#masked = new Uint8Array(new ArrayBuffer(secret.length));
    for (let i = 0; i < secret.length; i++) this.#masked[i] = secret[i] ^ this.#mask[i];
    for (let i = 0; i + WORD <= secret.length; i++) this.#starts[this.#at(i) | (this.#at(i + 1) << 8)] = 1;
  }

  /** How many windows of the secret are in `haystack`. */
  count(haystack) {
    let found = 0;
    for (const { start, end } of this.runs(haystack)) found += end - start - WINDOW + 1;
    return found;
  }

  /** Where runs of the secret's bytes are in `haystack` that are as long as a window, or longer. */
  *runs(haystack) {
    // A window covers an aligned word, wherever it begins; so only those are looked at.
    for (let i = 0; i + WORD <= haystack.length; i += WORD) {
      if (this.#starts[haystack[i] | (haystack[i + 1] << 8)] === 0) continue;
      const run = this.#runThrough(haystack, i);
      if (run === undefined) continue;
      yield run;
      i = run.end - (run.end % WORD);
    }
  }

  /** The longest run of the secret's bytes that covers the word at `i`, if it is a window. */
  #runThrough(haystack, i) {
    const secret = (offset) => this.#at(offset);
    let longest;
    for (let o = 0; o + WORD <= this.#masked.length; o++) {
      let [start, end] = [0, 0];
      while (o + end < this.#masked.length && haystack[i + end] === secret(o + end)) end++;
      if (end < WORD) continue;
      while (o + start > 0 && i + start > 0 && haystack[i + start - 1] === secret(o + start - 1)) start--;
      if (end - start < WINDOW || end - start <= longest?.end - longest?.start) continue;
      longest = { start: i + start, end: i + end };
    }
    return longest;
  }

  #at(offset) {
    return this.#masked[offset] ^ this.#mask[offset];
  }
}

/** How many windows of any of `needles` are in `haystack`. */
export function count(needles, haystack) {
  return needles.reduce((found, needle) => found + needle.count(haystack), 0);
}
