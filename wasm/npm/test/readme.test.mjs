// The code in the package's page, run as it is shown.

import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { installed } from "./installed.mjs";

const folder = installed();
const page = readFileSync(new URL("../package/README.md", import.meta.url), "utf8");

/** The first code below each heading; that before all is the title's. */
const code = Object.fromEntries(
  [...page.matchAll(/^#+ (.*)\n((?!#)[^]*?)(?=^#+ |$(?![^]))/gm)].flatMap(([, title, text]) => {
    const block = /^```js\n([^]*?)^```$/m.exec(text);
    return block ? [[title, block[1]]] : [];
  }),
);

/** Writes a block, with `before` it what it takes for granted, and gives the file. */
function written(title, before = "") {
  const file = join(folder, `${title.replace(/\W+/g, "-")}.mjs`);
  writeFileSync(file, before + code[title]);
  return file;
}

/** What a recipe exports, with its key in the file that a variable names. */
function recipe(title, variable) {
  const key = randomBytes(32);
  if (variable) {
    process.env[variable] = join(folder, variable);
    writeFileSync(process.env[variable], key);
  }
  return import(pathToFileURL(written(title))).then((exported) => ({ key, ...exported }));
}

const hmac = (key, message, encoding) => createHmac("sha256", key).update(message).digest(encoding);

const RUN = {
  strongroom() {
    const { status, stderr } = spawnSync("node", [written("strongroom")], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.equal(stderr, "closed: the secret is closed; create a new one\n");
  },

  "In a worker"() {
    const given = `
      const text = (string) => new TextEncoder().encode(string);
      const [bytes, salt, large] = [text("password"), text("sixteen bytes of"), new Uint8Array(1 << 20)];\n`;
    const file = written("In a worker", given);
    writeFileSync(file, `${readFileSync(file, "utf8")}\nconsole.log(bytes.join(""), tag.length);\nawait terminate();`);
    const { status, stdout, stderr } = spawnSync("node", [file], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.equal(stdout, "00000000 32\n");
  },

  async "A webhook"() {
    const { key, isGenuine } = await recipe("A webhook", "WEBHOOK_KEY_FILE");
    const body = Buffer.from('{"zen":"Käse"}');
    const signature = `sha256=${hmac(key, body, "hex")}`;
    assert.equal(isGenuine(body, signature), true);
    assert.equal(isGenuine(Buffer.from("{}"), signature), false);
    for (const wrong of ["", "sha256=", "sha1=00", signature.slice(0, -1)]) assert.equal(isGenuine(body, wrong), false);
  },

  async "A JSON Web Token"() {
    const { key, sign, verify } = await recipe("A JSON Web Token", "TOKEN_KEY_FILE");
    const token = sign({ sub: "Käse" });
    const [header, claims, tag] = token.split(".");
    assert.equal(tag, hmac(key, `${header}.${claims}`, "base64url"));
    assert.deepEqual(verify(token), { sub: "Käse" });
    const none = Buffer.from('{"alg":"none"}').toString("base64url");
    const wrong = ["", "..", `${header}.${claims}`, `${header}.${claims}.`, `${token}.${tag}`, `${none}.${claims}.`];
    const signed = `${none}.${claims}.${hmac(key, `${none}.${claims}`, "base64url")}`;
    for (const token of [...wrong, signed, sign({}).slice(0, -2)]) assert.equal(verify(token), undefined, token);
  },

  async "Passwords to be checked"() {
    const { keep, isRight } = await recipe("Passwords to be checked");
    const password = Buffer.from("correct horse battery");
    const kept = JSON.parse(JSON.stringify(await keep(password)));
    assert.ok(password.every((byte) => byte === 0));
    assert.equal(await isRight(Buffer.from("correct horse battery"), kept), true);
    assert.equal(await isRight(Buffer.from("correct horse"), kept), false);
  },

  async "Large data"() {
    const { encrypt, decrypt } = await recipe("Large data");
    const data = randomBytes(100_000);
    const sealed = await encrypt(data);
    assert.equal(sealed.size, data.length + 28);
    assert.deepEqual(Buffer.from(await decrypt(sealed)), data);
    await assert.rejects(decrypt(sealed.slice(1)));
  },

  async "A key in a Worker of Cloudflare's"() {
    const { default: worker } = await recipe("A key in a Worker of Cloudflare's");
    for (const body of ["first", "second"]) {
      const request = new Request("https://strongroom.test/", { method: "POST", body });
      const response = await worker.fetch(request, { SIGNING_KEY: "a key" });
      assert.equal(Buffer.from(await response.arrayBuffer()).toString("hex"), hmac("a key", body, "hex"));
    }
  },
};

for (const [title, run] of Object.entries(RUN)) test(title, run);

test("all code of the page is run here, but for what needs a server", () => {
  assert.deepEqual(Object.keys(code).sort(), [...Object.keys(RUN), "Other ways to load it"].sort());
});
