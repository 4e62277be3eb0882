// Secrets of text and as text. As in checks.mjs, nothing here is of Node or of a page.

import { equal, isZero, refused, same, thrown } from "./assert.mjs";
import { sample } from "./residue-checks.mjs";

const ascii = (text) => new TextEncoder().encode(text);
const string = (bytes) => String.fromCharCode(...bytes);
const encoded = (secret, encoding) => secret.withEncoded(encoding, string);

/** RFC 4648, section 10; and what the alphabets differ in. */
const VECTORS = {
  hex: { f: "66", fo: "666f", foo: "666f6f", foob: "666f6f62", fooba: "666f6f6261", foobar: "666f6f626172" },
  base64: { f: "Zg==", fo: "Zm8=", foo: "Zm9v", foob: "Zm9vYg==", fooba: "Zm9vYmE=", foobar: "Zm9vYmFy", "\xfb\xff": "+/8=" },
  base64url: { f: "Zg", fo: "Zm8", foo: "Zm9v", foob: "Zm9vYg", fooba: "Zm9vYmE", foobar: "Zm9vYmFy", "\xfb\xff": "-_8" },
};

const MALFORMED = {
  hex: ["6", "6g", "66 6f", "0x66", "\x80\x81", "66==="],
  base64: ["Z", "Zg===", "Zh==", "Z.g=", "-_8=", "Zm9v Zm9v", "====", "Zm9vZ"],
  base64url: ["Z", "+/8", "Zg===", "Zh", "Zm9v\nZm9v"],
};

export const encodingChecks = {
  "text is what the standard says, both ways"({ Secret }) {
    for (const [encoding, vectors] of Object.entries(VECTORS)) {
      for (const [content, text] of Object.entries(vectors)) {
        const bytes = Uint8Array.from(content, (letter) => letter.charCodeAt(0));
        const source = ascii(text);
        const secret = Secret.fromEncoded(encoding, source);
        equal(isZero(source), true, "the source is wiped");
        equal(secret.withBytes((copy) => same(copy, bytes)), true, `${encoding} of ${text}`);
        equal(encoded(secret, encoding), text);
      }
    }
  },

  "whatever the length, what is encoded is decoded to what it was"({ Secret }) {
    for (const encoding of Object.keys(VECTORS)) {
      for (let length = 1; length < 70; length++) {
        const secret = Secret.random(length);
        const back = Secret.fromEncoded(encoding, ascii(encoded(secret, encoding)));
        equal(back.equals(secret), true, `${encoding} of ${length} bytes`);
      }
    }
  },

  "space around it, padding and capital letters may be or not"({ Secret }) {
    const same = [
      ["hex", "c0ffee\n", "C0FFEE", "  c0FFee\r\n"],
      ["base64", "wP/u/g==", "wP/u/g", "wP/u/g==\n"],
      ["base64url", "wP_u_g", "wP_u_g==", "\twP_u_g"],
    ];
    for (const [encoding, ...texts] of same) {
      const secrets = texts.map((text) => Secret.fromEncoded(encoding, ascii(text)));
      for (const secret of secrets) equal(secret.equals(secrets[0]), true, encoding);
    }
  },

  "what is not of the encoding is refused, and left as it was"({ Secret, SecretError }) {
    for (const [encoding, texts] of Object.entries(MALFORMED)) {
      for (const text of texts) {
        const source = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
        const { message } = refused(SecretError, "malformed", () => Secret.fromEncoded(encoding, source));
        equal(string(source), text);
        equal(message, "the text is not of the encoding that it is said to be of");
      }
      for (const nothing of ["", "\n"]) refused(SecretError, "empty", () => Secret.fromEncoded(encoding, ascii(nothing)));
    }
    const key = Secret.random(1);
    const wrong = '`encoding` must be "hex", "base64" or "base64url", not another string';
    equal(thrown(TypeError, () => Secret.fromEncoded("HEX", ascii("66"))).message, wrong);
    equal(thrown(TypeError, () => key.withEncoded("HEX", string)).message, wrong);
    thrown(TypeError, () => Secret.fromEncoded("hex", "66"));
    thrown(TypeError, () => key.withEncoded("hex"));
  },

  "text leaves nothing behind in linear memory, whether it is right or not"({ Secret, SecretError, memory }) {
    for (const encoding of Object.keys(VECTORS)) {
      const one = sample();
      const secret = Secret.fromBytes(one.bytes);
      let text;
      const source = secret.withEncoded(encoding, (copy) => {
        text = sample(copy.slice());
        return copy.slice();
      });
      equal(text.in(memory), 0, `${encoding}, encoded`);
      secret.close();
      const back = Secret.fromEncoded(encoding, source);
      equal(one.in(memory), one.once, `${encoding}, decoded`);
      equal(text.in(memory), 0, `${encoding}, decoded`);
      const wrong = text.bytes.slice();
      wrong[wrong.length - 3] = 1;
      refused(SecretError, "malformed", () => Secret.fromEncoded(encoding, wrong));
      equal(text.in(memory), 0, `${encoding}, refused`);
      equal(one.in(memory), one.once, `${encoding}, refused`);
      back.close();
      equal(one.in(memory), 0, `${encoding}, closed`);
      // The control: this is what is looked for.
      const control = Secret.fromBytes(text.bytes);
      equal(text.in(memory), text.once);
      control.close();
    }
  },

  "text of what is too long is refused"({ Secret, SecretError }) {
    const long = Secret.random(9 << 20);
    refused(SecretError, "too-large", () => long.withEncoded("hex", string));
    equal(long.withEncoded("base64", (text) => text.length), (9 << 20) * 4 / 3);
    long.close();
  },

  "withEncoded wipes its copy, whatever the callback does"({ Secret }) {
    const secret = Secret.random(50);
    for (const encoding of Object.keys(VECTORS)) {
      let kept;
      secret.withEncoded(encoding, (text) => {
        kept = text;
        equal(isZero(text), false);
      });
      equal(isZero(kept), true);
      thrown(RangeError, () =>
        secret.withEncoded(encoding, (text) => {
          kept = text;
          throw new RangeError("the callback's own");
        }),
      );
      equal(isZero(kept), true);
      thrown(TypeError, () => secret.withEncoded(encoding, (text) => text));
    }
  },
};
