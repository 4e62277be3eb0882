// What only Node can do to the package: cut calls short, bound its memory, clone by other means, freeze
// the language before the import. Each in a process of its own.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { PACKAGE } from "../package-folder.mjs";

const entry = new URL("index.js", PACKAGE).href;
const here = (path) => new URL(path, import.meta.url).href;

/** What a module prints as JSON, with `Secret` and `SecretError` imported after `before`. */
function printed(body, { args = [], before = "" } = {}) {
  const script = `
    import assert from "node:assert/strict";
    ${before}
    const { Secret, SecretError } = await import(${JSON.stringify(entry)});
    ${body}`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...args, "--input-type=module", "--eval", script],
    { encoding: "utf8", cwd: fileURLToPath(new URL("..", import.meta.url)) },
  );
  assert.equal(status, 0, stderr.slice(0, 2000));
  return JSON.parse(stdout);
}

/** The memories of all instances that are made from here on. */
const MEMORIES = `
  const memories = [];
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct(target, args) {
      const instance = Reflect.construct(target, args);
      memories.push(instance.exports.memory);
      return instance;
    },
  });`;

test("a call that was cut short costs no secret, and leaves nothing in the old memory", () => {
  const outcome = printed(
    `
    const { runInNewContext } = await import("node:vm");
    const { sample } = await import(${JSON.stringify(here("residue-checks.mjs"))});
    const one = sample(32);
    const bytes = one.bytes.slice();
    const gone = Secret.random(3);
    const key = Secret.fromBytes(one.bytes);
    const empty = Secret.random(1);
    gone.close();
    const tag = key.hmacSha256(new Uint8Array(3)).join();
    const cost = { memoryKib: 65536, passes: 8, lanes: 1 };
    const slow = () => key.argon2id(new Uint8Array(8), cost, 32);
    let code;
    try {
      runInNewContext("slow()", { slow }, { timeout: 50 });
    } catch (error) {
      code = error.code;
    }
    const same = key.hmacSha256(new Uint8Array(3)).join() === tag;
    const [old, fresh] = memories;
    const left = new Uint8Array(old.buffer).some((byte) => byte !== 0);
    const moved = one.in(fresh) === one.once;
    key.replace(bytes.slice());
    const before = one.in(fresh) === one.once;
    key.close();
    const after = one.in(fresh);
    const next = Secret.random(5);
    console.log(JSON.stringify({
      code, same, instances: memories.length, left, moved, before, after,
      lengths: [empty.byteLength, next.byteLength], closed: gone.isClosed && key.isClosed,
    }));`,
    { before: MEMORIES },
  );
  assert.deepEqual(outcome, {
    code: "ERR_SCRIPT_EXECUTION_TIMEOUT",
    same: true,
    instances: 2,
    left: false,
    moved: true,
    before: true,
    after: 0,
    lengths: [1, 5],
    closed: true,
  });
});

/** Before the import: lets a call from JavaScript into WebAssembly never end, as `hang` says: before or after it. */
const HANGING = `
  let hang;
  const exportsOf = Object.getOwnPropertyDescriptor(WebAssembly.Instance.prototype, "exports").get;
  Object.defineProperty(WebAssembly.Instance.prototype, "exports", {
    configurable: true,
    get() {
      const wasm = { ...exportsOf.call(this) };
      for (const [name, call] of Object.entries(wasm)) {
        if (typeof call !== "function") continue;
        wasm[name] = (...args) => {
          if (hang === "before " + name) for (;;);
          const outcome = call(...args);
          if (hang === "after " + name) for (;;);
          if (hang === "exception after " + name) throw new RangeError("the engine's own");
          return outcome;
        };
      }
      return wasm;
    },
  });`;

/** `cut` lets a time-out of `node:vm` cut a use short where it hangs. */
const CUTTING = `
  const { runInNewContext } = await import("node:vm");
  const cut = (where, use) => {
    hang = where;
    assert.throws(() => runInNewContext("use()", { use }, { timeout: 50 }), { code: "ERR_SCRIPT_EXECUTION_TIMEOUT" }, where);
    hang = undefined;
  };`;

test("wherever an end is cut short, the number of a secret is that of no other", () => {
  const outcome = printed(
    `
    ${CUTTING}
    const outcomes = {};
    for (const where of ["before headroom", "before close", "after close"]) {
      const key = Secret.fromBytes(new Uint8Array(8).fill(1));
      cut(where, () => key.close());
      const closed = key.isClosed;
      const others = [2, 3].map((byte) => Secret.fromBytes(new Uint8Array(8).fill(byte)));
      try {
        outcomes[where] = [closed, key.withBytes((bytes) => bytes[0])];
      } catch (error) {
        outcomes[where] = [closed, error.code];
      }
      key.close();
      assert.deepEqual(others.map((other) => other.withBytes((bytes) => bytes[7])), [2, 3], where);
      for (const other of others) other.close();
    }
    console.log(JSON.stringify(outcomes));`,
    { before: HANGING },
  );
  assert.deepEqual(outcome, {
    "before headroom": [false, 1],
    "before close": [true, "closed"],
    "after close": [true, "closed"],
  });
});

test("handles stay what they are, and on the secrets that they are on, where a call was cut short", () => {
  const outcome = printed(
    `
    ${CUTTING}
    const bytes = () => new Uint8Array(32).fill(1);
    const attempt = (use) => {
      try {
        return use() === undefined ? undefined : "done";
      } catch (error) {
        return error.code;
      }
    };
    const key = Secret.fromBytes(bytes());
    const verifier = key.restrict(["verify"]);
    const lent = key.restrict(["mac", "kdf"]);
    const narrower = lent.restrict(["mac"]);
    const derived = lent.hkdfSha256(new Uint8Array(0), new Uint8Array(0), 32);
    const alone = Secret.fromBytes(bytes()).restrict(["mac"]);
    const gone = Secret.fromBytes(bytes());
    const over = gone.restrict(["mac"]);
    gone.close();
    const before = Secret.random(4);
    cut("after hmac_sha256", () => before.hmacSha256("x"));
    const tag = key.hmacSha256("x");
    const outcomes = [
      attempt(() => verifier.hmacSha256("x")), verifier.verifyHmacSha256("x", tag), attempt(() => verifier.replace(bytes())),
      attempt(() => narrower.hmacSha256("x")), attempt(() => narrower.hkdfSha256(bytes(), bytes(), 32)),
      attempt(() => alone.hmacSha256("x")), attempt(() => alone.withBytes(() => 1)), attempt(() => over.byteLength),
      attempt(() => derived.withBytes(() => 1)), attempt(() => derived.hmacSha256("x")),
    ];
    // The same secret still, which changes and ends for all.
    key.replace(new Uint8Array(3));
    outcomes.push(verifier.byteLength);
    derived.replace(new Uint8Array(3));
    outcomes.push(derived.byteLength);
    lent.close();
    outcomes.push(attempt(() => narrower.hmacSha256("x")));
    key.close();
    outcomes.push(attempt(() => verifier.verifyHmacSha256("x", tag)));
    console.log(JSON.stringify(outcomes));`,
    { before: HANGING },
  );
  assert.deepEqual(outcome, [
    "not-permitted", true, "not-permitted",
    "done", "not-permitted",
    "done", "not-permitted", "closed",
    "not-permitted", "done",
    3, 3, "closed", "closed",
  ]);
});

test("wherever making one is cut short, no secret stays that nobody has", () => {
  const left = printed(
    `
    ${CUTTING}
    const { sample } = await import(${JSON.stringify(here("residue-checks.mjs"))});
    const stays = Secret.fromBytes(new Uint8Array(32).fill(7));
    const left = {};
    for (const where of ["before from_bytes", "after from_bytes"]) {
      const one = sample(32);
      cut(where, () => Secret.fromBytes(one.bytes.slice()));
      assert.equal(stays.byteLength, 32);
      left[where] = memories.map((memory) => one.in(memory));
    }
    for (const [operation, unwrap] of [
      ["unwrap_aead", (wrapped) => stays.unwrapAead("aes256-gcm", wrapped)],
      ["unwrap_aes_kw", (wrapped) => stays.unwrapAesKw(wrapped)],
    ]) {
      const one = sample(32);
      const inner = Secret.fromBytes(one.bytes.slice());
      const wrapped = operation === "unwrap_aead" ? stays.wrapAead("aes256-gcm", inner) : stays.wrapAesKw(inner);
      inner.close();
      cut("after " + operation, () => unwrap(wrapped));
      assert.equal(stays.byteLength, 32);
      left[operation] = memories.map((memory) => one.in(memory));
    }
    console.log(JSON.stringify(left));`,
    { before: MEMORIES + HANGING },
  );
  assert.equal(Object.keys(left).length, 4);
  for (const [where, found] of Object.entries(left)) assert.ok(found.every((times) => times === 0), `${where}: ${found}`);
});

test("wherever a replacement is cut short, the content is the old or the new", () => {
  const contents = printed(
    `
    ${CUTTING}
    const contents = [];
    for (const where of ["before room", "after room", "before replace", "after replace"]) {
      const key = Secret.fromBytes(new Uint8Array(1000).fill(1));
      cut(where, () => key.replace(new Uint8Array(1000).fill(2)));
      contents.push(key.withBytes((bytes) => [...new Set(bytes)].join()));
    }
    console.log(JSON.stringify(contents));`,
    { before: HANGING },
  );
  assert.deepEqual(contents, ["1", "1", "1", "2"]);
});

test("an exception inside says what it may have changed", () => {
  const outcomes = printed(
    `
    const outcomes = {};
    const fill = (byte) => new Uint8Array(1000).fill(byte);
    const key = Secret.fromBytes(fill(1));
    for (const [name, use] of Object.entries({
      replace: () => key.replace(fill(2)),
      from_bytes: () => Secret.fromBytes(fill(3)),
      close: () => Secret.fromBytes(fill(4)).close(),
    })) {
      hang = "exception after " + name;
      try {
        use();
        outcomes[name] = "nothing thrown";
      } catch (error) {
        assert.equal(error.cause.message, "the engine's own");
        assert.match(error.message, /before or replaced as a whole/);
        outcomes[name] = error.code;
      }
      hang = undefined;
      outcomes[name] += key.withBytes((bytes) => ", " + [...new Set(bytes)].join());
    }
    const { buffer } = memories.at(-1);
    outcomes.left = [3, 4].some((byte) => Buffer.from(buffer).includes(Buffer.alloc(1000, byte)));
    console.log(JSON.stringify(outcomes));`,
    { before: MEMORIES + HANGING },
  );
  assert.deepEqual(outcomes, {
    replace: "interrupted, 2",
    from_bytes: "interrupted, 2",
    close: "nothing thrown, 2",
    left: false,
  });
});

test("wherever the move to a fresh instance is cut short, it is made up for", () => {
  const outcome = printed(
    `
    ${CUTTING}
    const keys = [1, 2, 3, 4].map((byte) => Secret.fromBytes(new Uint8Array(8).fill(byte)));
    keys[1].close();
    for (const where of ["after highest", "before restore", "after restore", "after identity", "after rights", "after salvage"]) {
      cut("before hmac_sha256", () => keys[0].hmacSha256(new Uint8Array(1)));
      cut(where, () => keys[0].byteLength);
      const made = Secret.fromBytes(new Uint8Array(8).fill(9));
      assert.deepEqual([keys[0], keys[2], keys[3], made].map((key) => key.withBytes((bytes) => bytes[7])), [1, 3, 4, 9], where);
      made.close();
    }
    console.log(memories.slice(0, -1).every((memory) => new Uint8Array(memory.buffer).every((byte) => byte === 0)));`,
    { before: MEMORIES + HANGING },
  );
  assert.equal(outcome, true);
});

test("full memory is an error that says so, and nothing is lost", () => {
  const outcome = printed(
    `
    const key = Secret.fromBytes(new Uint8Array(32).fill(1));
    const tag = key.hmacSha256(new Uint8Array(3)).join();
    const big = new Uint8Array(8 << 20).fill(1);
    const uses = {
      random: () => Secret.random(8 << 20),
      fromBytes: () => Secret.fromBytes(big),
      replace: () => key.replace(big),
      hmacSha256: () => key.hmacSha256(big),
      seal: () => key.seal("aes256-gcm", big),
      argon2id: () => key.argon2id(new Uint8Array(8), { memoryKib: 65536, passes: 1, lanes: 1 }, 8),
      "many": () => { const all = []; for (;;) all.push(Secret.random(100_000)); },
      "many small": () => { const all = []; for (;;) all.push(Secret.random(1)); },
    };
    const outcomes = {};
    for (const [name, use] of Object.entries(uses)) {
      try {
        use();
        outcomes[name] = "nothing thrown";
      } catch (error) {
        outcomes[name] = error.code ?? String(error);
        assert.match(error.message, /WebAssembly memory has no \\d+ bytes more/);
        assert.doesNotMatch(error.message, /vm.max_map_count/);
      }
    }
    assert.equal(big[big.length - 1], 1);
    assert.equal(key.hmacSha256(new Uint8Array(3)).join(), tag);
    key.close();
    console.log(JSON.stringify(outcomes));`,
    { args: ["--wasm-max-mem-pages=64"] },
  );
  assert.deepEqual([...new Set(Object.values(outcome))], ["out-of-memory"], JSON.stringify(outcome));
});

test("a language that was frozen before the import breaks nothing", () => {
  const outcome = printed(
    `
    assert.throws(() => Secret.random(0), (error) => error instanceof SecretError && error.name === "SecretError" && error.code === "empty");
    const key = Secret.random(32);
    console.log(JSON.stringify(key.open("aes256-gcm", key.seal("aes256-gcm", Uint8Array.of(7)))[0]));`,
    {
      before: `
      for (const name of ["Error", "Object", "Function", "Array", "Promise", "Symbol", "Uint8Array", "ArrayBuffer", "FinalizationRegistry", "JSON", "Reflect"]) {
        Object.freeze(globalThis[name]);
        if (globalThis[name].prototype) Object.freeze(globalThis[name].prototype);
      }
      Object.freeze(Object.getPrototypeOf(Uint8Array.prototype));`,
    },
  );
  assert.equal(outcome, 7);
});

test("lodash leaves a secret alone, and v8.serialize refuses it", () => {
  const outcome = printed(`
    const { default: _ } = await import("lodash");
    const { serialize } = await import("node:v8");
    const key = Secret.fromBytes(new Uint8Array([1]));
    const other = Secret.fromBytes(new Uint8Array([2]));
    const config = { name: "config", keys: [key] };
    const cloned = _.cloneDeep(config);
    assert.equal(cloned.keys[0], key);
    assert.equal(_.merge({}, config).keys[0], key);
    _.merge(key, JSON.parse('{"__wbg_ptr": 1114128, "number": 2, "life": {"number": 2}}'));
    assert.equal(key.withBytes((bytes) => bytes[0]), 1);
    assert.throws(() => serialize(key), /#<Secret> could not be cloned/);
    assert.throws(() => serialize({ key }), /#<Secret> could not be cloned/);
    other.close();
    console.log(JSON.stringify(key.isClosed));`);
  assert.equal(outcome, false);
});

test("Node prints nothing of a secret, however deep it looks", () => {
  const outcome = printed(`
    const { inspect, format } = await import("node:util");
    const key = Secret.fromBytes(new Uint8Array(32).fill(7));
    const all = { showHidden: true, showProxy: true, depth: Infinity, getters: true };
    const texts = [
      inspect(key), inspect({ config: [key] }, all), inspect(new Proxy(key, {})), format("%s %o %O %j", key, key, key, key),
      inspect(Secret.prototype), inspect(new Map([[key, key]])), inspect({ error: new Error("it failed", { cause: key }) }),
    ];
    key.close();
    console.log(JSON.stringify([...texts, inspect(key)]));`);
  const shown = "Secret([redacted])";
  assert.equal(outcome[0], shown);
  assert.equal(outcome[1].replace(/\s+/g, " "), `{ config: [ ${shown}, [length]: 1 ] }`);
  assert.equal(outcome[2], shown);
  assert.equal(outcome[outcome.length - 1], shown);
  for (const text of outcome) assert.match(text, /Secret/);
  for (const text of outcome) assert.doesNotMatch(text, /number|life|7, 7/);
});

test("the binary imports nothing and has no table that anything could fill", async () => {
  const { readFile } = await import("node:fs/promises");
  const module = new WebAssembly.Module(await readFile(new URL("strongroom.wasm", PACKAGE)));
  assert.deepEqual(WebAssembly.Module.imports(module), []);
  const kinds = WebAssembly.Module.exports(module).map(({ kind }) => kind);
  assert.ok(!kinds.includes("table"));
});
