// Strings as UTF-8 (RFC 3629), written where they are needed: whoever encodes them elsewhere first leaves a copy there.

import { codePointAt } from "./intrinsics.js";

/** How many bytes `text` has. */
export function utf8Length(text) {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const size = sizeOf(codePointAt(text, i));
    // Two units of UTF-16.
    if (size === 4) i++;
    length += size;
  }
  return length;
}

/** Writes the bytes of `text` from `at` on; a lone surrogate is U+FFFD, as for `TextEncoder`. */
export function writeUtf8(text, bytes, at) {
  for (let i = 0; i < text.length; i++) {
    let point = codePointAt(text, i);
    const size = sizeOf(point);
    if (size === 1) {
      bytes[at++] = point;
      continue;
    }
    if (size === 4) i++;
    if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
    // As many leading ones as there are bytes.
    bytes[at++] = (0xf00 >> size) | (point >> (6 * (size - 1)));
    for (let rest = size - 2; rest >= 0; rest--) bytes[at++] = 0x80 | ((point >> (6 * rest)) & 0x3f);
  }
}

function sizeOf(point) {
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point < 0x10000 ? 3 : 4;
}
