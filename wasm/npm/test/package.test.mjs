// The package as npm would publish it, and as its users get it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { publint } from "publint";
import { formatMessage } from "publint/utils";

import { PACKAGE } from "../package-folder.mjs";

const pkg = fileURLToPath(PACKAGE);
const root = fileURLToPath(new URL("../../../", import.meta.url));
const tools = fileURLToPath(new URL("../node_modules/", import.meta.url));

function run(program, args, cwd) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: "utf8" });
  assert.equal(status, 0, `${program} ${args.join(" ")}\n${stdout}\n${stderr}`);
  return stdout;
}

let folder;
let tarball;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "strongroom-"));
  const [{ filename }] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", folder], pkg));
  tarball = join(folder, filename);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  run("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball], folder);
});
after(() => rmSync(folder, { recursive: true }));

test("npm publishes every file of the folder", () => {
  const installed = readdirSync(join(folder, "node_modules/strongroom"));
  assert.deepEqual(installed.sort(), readdirSync(pkg).sort());
  for (const needed of ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "sbom.cdx.json", "strongroom.wasm"]) {
    assert.ok(installed.includes(needed), needed);
  }
});

test("its bill of materials names what is in it, by the lock files", () => {
  const bill = JSON.parse(readFileSync(join(pkg, "sbom.cdx.json"), "utf8"));
  const { name, version } = JSON.parse(readFileSync(join(pkg, "package.json"), "utf8"));
  assert.deepEqual([bill.bomFormat, bill.specVersion, bill.version], ["CycloneDX", "1.6", 1]);
  assert.equal(bill.metadata.component.purl, `pkg:npm/${name}@${version}`);
  const lock = readFileSync(join(root, "Cargo.lock"), "utf8");
  const crates = bill.components.filter(({ purl }) => purl.startsWith("pkg:cargo/"));
  for (const { name, version, licenses, hashes } of crates) {
    const ours = name.startsWith("strongroom-");
    const [{ content }] = hashes ?? [{}];
    const locked = `name = "${name}"\nversion = "${version}"\n`;
    const expected = ours ? locked : `${locked}source = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "${content}"`;
    assert.ok(lock.includes(expected), name);
    assert.match(licenses[0].expression, /MIT|Apache|BSD/, name);
  }
  const names = crates.map(({ name }) => name);
  for (const inside of ["strongroom-core", "sha2", "aes-gcm", "zeroize", "base64ct"]) assert.ok(names.includes(inside), inside);
  for (const outside of ["wasmtime", "wit-bindgen", "proptest", "strongroom"]) assert.ok(!names.includes(outside), outside);
  const others = bill.components.filter((component) => !crates.includes(component));
  assert.deepEqual(others.map(({ name }) => name), ["fflate"]);
});

test("a stack names the package's sources, by maps that are in it", () => {
  for (const script of readdirSync(pkg).filter((name) => /\.c?js$/.test(name))) {
    assert.ok(readFileSync(join(pkg, script), "utf8").endsWith(`//# sourceMappingURL=${script}.map\n`), script);
    const { sources, sourcesContent } = JSON.parse(readFileSync(join(pkg, `${script}.map`), "utf8"));
    assert.equal(sources.length, sourcesContent.length, script);
    assert.deepEqual(sources.filter((source) => isAbsolute(source)), [], script);
  }
  const use = 'import { Secret } from "strongroom"; try { Secret.fromBytes("text"); } catch ({ stack }) { console.log(stack); }';
  writeFileSync(join(folder, "stack.mjs"), use);
  const stack = run("node", ["--enable-source-maps", "stack.mjs"], folder);
  const [, line] = /fromBytes \(.*source[/\\]secret\.js:(\d+):\d+\)/.exec(stack) ?? assert.fail(stack);
  const { sources, sourcesContent } = JSON.parse(readFileSync(join(pkg, "index.js.map"), "utf8"));
  const secret = sourcesContent[sources.indexOf("secret.js")].split("\n");
  assert.match(secret[line - 1], /writableOf\(bytes/, stack);
});

test("an installed package is ready to use", () => {
  writeFileSync(
    join(folder, "use.mjs"),
    `import { Secret, SecretError } from "strongroom";
     const secret = Secret.fromBytes(new TextEncoder().encode("Jefe"));
     const tag = secret.hmacSha256(new TextEncoder().encode("what do ya want for nothing?"));
     secret.close();
     try { secret.byteLength; } catch (error) { console.log(error instanceof SecretError, error.code); }
     console.log(Buffer.from(tag).toString("hex"));`,
  );
  assert.equal(
    run("node", ["use.mjs"], folder),
    "true closed\n5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843\n",
  );
});

test("its types are those that strict TypeScript users need", () => {
  writeFileSync(
    join(folder, "use.mts"),
    `import { type AeadAlgorithm, type Argon2Cost, type ByteSource, type Code, type Message, Secret, SecretError } from "strongroom";
     using secret: Secret = Secret.random(32);
     const tag: Uint8Array = secret.hmacSha256(new Uint8Array(1));
     const right: boolean = secret.verifyHmacSha256(new Uint8Array(1), tag);
     const length: number = secret.withBytes((bytes: Uint8Array) => bytes.length);
     const later: Promise<number> = secret.withBytes(async (bytes) => bytes.length);
     const copied: number = secret.copyInto(new Uint8Array(32));
     const code: Code = new Error() instanceof SecretError ? "closed" : "busy";
     const closed: boolean = secret.isClosed;
     const algorithm: AeadAlgorithm = "aes256-gcm";
     const sealed: Uint8Array = secret.seal(algorithm, tag);
     const opened: Uint8Array = secret.open(algorithm, sealed, new Uint8Array(0));
     const cost: Argon2Cost = { memoryKib: 65536, passes: 3, lanes: 4 };
     const derived: Secret = secret.argon2id(new Uint8Array(16), cost, 32);
     const wrapped: Uint8Array = secret.wrapAead(algorithm, derived);
     const genuine: boolean = Secret.verifyEd25519(secret.ed25519PublicKey(), tag, secret.signEd25519(tag));
     const same: boolean = secret.equals(secret.unwrapAead(algorithm, wrapped));
     const message: Message = "a message";
     const buffer: ByteSource = new ArrayBuffer(8);
     const shown: string = JSON.stringify(secret) + secret.toJSON();
     await secret[Symbol.asyncDispose]();
     // @ts-expect-error: no such algorithm
     secret.seal("aes128-gcm", tag);
     // @ts-expect-error: never a string
     secret.replace("secret");
     // @ts-expect-error: made by random and fromBytes only
     new Secret();
     // @ts-expect-error: a tag is no text
     secret.verifyHmacSha256(message, "tag");
     // @ts-expect-error: whose bytes depend on the machine
     secret.hmacSha256(new Uint16Array(4));
     void [buffer, shown, secret.hmacSha256(message), secret.hmacSha256(new DataView(buffer)), right, length, later, copied, code, closed, opened, genuine, same];`,
  );
  const options = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext"];
  run("node", [join(tools, "typescript/bin/tsc"), ...options, "--lib", "es2022,dom", "use.mts"], folder);
});

test("the types of strongroom/worker are those of the class, later", () => {
  writeFileSync(
    join(folder, "worker.mts"),
    `import { type Code, Secret, SecretError, init, terminate } from "strongroom/worker";
     const secret: Secret = await Secret.random(32);
     const tag: Uint8Array = await secret.hmacSha256("message");
     const right: boolean = await secret.verifyHmacSha256("message", tag);
     const sealed: Uint8Array = await secret.sealWithNonce("aes256-gcm", new Uint8Array(12), "text");
     const length: number = await secret.byteLength;
     const closed: boolean = await secret.isClosed;
     const first: number = await secret.withBytes((bytes: Uint8Array) => bytes[0]);
     const later: number = await secret.withBytes(async (bytes) => bytes.length);
     const derived: Secret = await secret.argon2id(new Uint8Array(16), { memoryKib: 65536, passes: 3, lanes: 4 }, 32);
     const port: MessagePort = await derived.toPort();
     const same: Secret = Secret.fromPort(port);
     const code: Code = new Error() instanceof SecretError ? "closed" : "terminated";
     await using scoped = same;
     await secret.close();
     init(new Worker("thread.js"));
     await terminate();
     // @ts-expect-error: what ends later isn't used by \`using\`
     using never = secret;
     // @ts-expect-error: a promise
     const early: Uint8Array = secret.hmacSha256("message");
     void [right, sealed, length, closed, first, later, code, scoped, never, early];`,
  );
  const options = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext"];
  run("node", [join(tools, "typescript/bin/tsc"), ...options, "--lib", "es2022,dom", "worker.mts"], folder);
  // Without the web's types, a port is an object.
  writeFileSync(
    join(folder, "bare.mts"),
    `import { Secret } from "strongroom/worker"; const port: object = await (await Secret.random(1)).toPort(); void port;`,
  );
  run("node", [join(tools, "typescript/bin/tsc"), ...options, "--lib", "es2022", "bare.mts"], folder);
});

test("publint and arethetypeswrong have nothing to say", async () => {
  const { messages } = await publint({ pkgDir: pkg, strict: true });
  const manifest = JSON.parse(readFileSync(new URL("package.json", PACKAGE), "utf8"));
  assert.deepEqual(messages.map((message) => formatMessage(message, manifest)), []);
  run("node", [join(tools, "@arethetypeswrong/cli/dist/index.js"), tarball, "--exclude-entrypoints", "strongroom.wasm", "thread"]);
});

/** What a server sends of a file, in kB. */
const sent = (file) => gzipSync(readFileSync(join(pkg, file)), { level: 9 }).length / 1000;

test("each entry is as small as the README says", () => {
  const readme = readFileSync(join(pkg, "README.md"), "utf8");
  const [, whole] = /compressed \((\d+) kB with all of it/.exec(readme);
  const alone = [...readme.matchAll(/^\| `strongroom\/(\w+)` \| (\d+) \|/gm)];
  assert.deepEqual(alone.map(([, name]) => name), ["mac", "aead", "kdf", "sign", "wrap"]);
  for (const [name, told] of [["index", whole], ...alone.map(([, name, told]) => [name, told])]) {
    for (const file of [`${name}.js`, `${name}.cjs`]) {
      assert.ok(sent(file) <= told && sent(file) > told - 4, `${file}: ${sent(file)} kB, not ${told}`);
    }
  }
});

test("no file names a place on the machine that made it", () => {
  for (const file of readdirSync(pkg)) {
    const content = readFileSync(join(pkg, file), "latin1");
    for (const place of [root, homedir() + "/"]) {
      assert.ok(!content.includes(place), `${file} contains ${place}`);
    }
  }
});
