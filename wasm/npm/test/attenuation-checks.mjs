// Handles that can do less. As in checks.mjs, nothing here is of Node or of a page.

import { equal, refused, refusedLater, rejected, same, thrown } from "./assert.mjs";

const ALGORITHM = "aes256-gcm";
const CHEAP = { memoryKib: 8, passes: 1, lanes: 1 };
const USES = ["mac", "verify", "seal", "open", "kdf", "sign", "wrap", "export", "reveal", "equals"];

const bytes = (length = 32) => new Uint8Array(length).fill(5);

/** What each use allows, on keys of `bytes()`. */
const allowed = (Secret) => {
  const key = () => Secret.fromBytes(bytes());
  return {
    mac: [(handle) => handle.hmacSha256("x"), (handle) => handle.hmacSha384("x"), (handle) => handle.hmacSha512("x")],
    verify: [
      (handle) => handle.verifyHmacSha256("x", bytes()),
      (handle) => handle.verifyHmacSha384("x", bytes()),
      (handle) => handle.verifyHmacSha512("x", bytes()),
    ],
    seal: [(handle) => handle.seal(ALGORITHM, "x"), (handle) => handle.sealWithNonce(ALGORITHM, bytes(12), "x")],
    open: [
      (handle) => handle.open(ALGORITHM, key().seal(ALGORITHM, "x")),
      (handle) => handle.openWithNonce(ALGORITHM, bytes(12), key().sealWithNonce(ALGORITHM, bytes(12), "x")),
    ],
    kdf: [(handle) => handle.hkdfSha256(bytes(), bytes(), 16), (handle) => handle.argon2id(bytes(), CHEAP, 16)],
    sign: [(handle) => handle.signEd25519("x"), (handle) => handle.ed25519PublicKey()],
    wrap: [
      (handle) => handle.wrapAead(ALGORITHM, key()),
      (handle) => handle.wrapAesKw(key()),
      (handle) => handle.unwrapAead(ALGORITHM, key().wrapAead(ALGORITHM, key())),
      (handle) => handle.unwrapAesKw(key().wrapAesKw(key())),
    ],
    export: [(handle) => key().wrapAead(ALGORITHM, handle), (handle) => key().wrapAesKw(handle)],
    reveal: [
      (handle) => handle.withBytes((copy) => copy[0]),
      (handle) => handle.withEncoded("hex", (text) => text[0]),
      (handle) => handle.copyInto(bytes()),
    ],
    equals: [(handle) => handle.equals(key()), (handle) => key().equals(handle)],
  };
};

/** Members that need no use in particular, or make no use of the secret. */
const OTHERS = ["constructor", "restrict", "replace", "close", "isClosed", "byteLength", "toJSON", "toString", "toCryptoKey"];

export const attenuationChecks = {
  "a handle does what its uses allow, and nothing else"({ Secret, SecretError }) {
    const key = Secret.fromBytes(bytes());
    equal(Object.keys(allowed(Secret)).join(), USES.join());
    for (const [use, attempts] of Object.entries(allowed(Secret))) {
      const without = USES.filter((other) => other !== use && !(use === "verify" && other === "mac"));
      for (const attempt of attempts) {
        // The control: the handle that it is from, and one that may do just that.
        attempt(key);
        attempt(key.restrict([use]));
        refused(SecretError, "not-permitted", () => attempt(key.restrict(without)));
        refused(SecretError, "not-permitted", () => attempt(key.restrict([])));
      }
    }
    refused(SecretError, "not-permitted", () => key.restrict([]).byteLength);
    equal(key.restrict(["verify"]).byteLength, 32);
  },

  async "what gives the bytes to the platform needs to reveal"({ Secret, SecretError }) {
    const key = Secret.fromBytes(bytes());
    const platforms = (handle) => handle.toCryptoKey({ name: "HMAC", hash: "SHA-256" }, ["sign"]);
    await refusedLater(SecretError, "not-permitted", () => platforms(key.restrict(USES.filter((use) => use !== "reveal"))));
  },

  "each method has its use here"({ Secret }) {
    const tried = Object.values(allowed(Secret)).flat().join();
    const methods = Object.getOwnPropertyNames(Secret.prototype).filter((name) => !OTHERS.includes(name));
    equal(methods.length > 20, true);
    equal(methods.filter((name) => !tried.includes(`.${name}(`)).join(), "", "methods without a use");
  },

  "uses never become more"({ Secret, SecretError }) {
    const verifier = Secret.fromBytes(bytes()).restrict(["verify", "kdf"]);
    for (const wider of [USES, ["mac"], ["reveal"], ["verify", "mac", "mac"]]) {
      const handle = verifier.restrict(wider);
      refused(SecretError, "not-permitted", () => handle.hmacSha256("x"));
      refused(SecretError, "not-permitted", () => handle.withBytes(() => {}));
    }
    const derived = verifier.hkdfSha256(bytes(), bytes(), 32);
    equal(derived.hmacSha256("x").length, 32, "it is another secret");
    refused(SecretError, "not-permitted", () => derived.withBytes(() => {}));
    refused(SecretError, "not-permitted", () => Secret.random(32).wrapAesKw(derived));
    const revealing = Secret.fromBytes(bytes()).restrict(["kdf", "reveal"]).hkdfSha256(bytes(), bytes(), 32);
    equal(revealing.withBytes((copy) => copy.length), 32, "the control");
  },

  "what was restricted can neither replace nor end the secret"({ Secret, SecretError }) {
    const key = Secret.fromBytes(bytes());
    const handle = key.restrict(USES);
    const source = bytes(8);
    refused(SecretError, "not-permitted", () => handle.replace(source));
    equal(same(source, bytes(8)), true, "the source stays");
    const narrower = handle.restrict(["mac"]);
    handle.close();
    equal(handle.isClosed && narrower.isClosed && !key.isClosed, true);
    refused(SecretError, "closed", () => narrower.hmacSha256("x"));
    refused(SecretError, "closed", () => narrower.restrict(["mac"]));
    equal(key.withBytes((copy) => same(copy, bytes())), true);
    key.replace(source);
    equal(key.restrict(["reveal"]).byteLength, 8, "it sees what there is now");
  },

  "the end of the secret is that of all its handles, and wipes it"({ Secret, SecretError }) {
    const key = Secret.fromBytes(bytes());
    const handle = key.restrict(["mac"]);
    const narrower = handle.restrict(["verify"]);
    key.close();
    equal(handle.isClosed && narrower.isClosed, true);
    refused(SecretError, "closed", () => handle.hmacSha256("x"));
    handle.close();
    // What is made next may have its number.
    const next = Secret.fromBytes(bytes(9));
    equal(next.byteLength, 9);
    refused(SecretError, "closed", () => handle.byteLength);
    refused(SecretError, "closed", () => narrower.byteLength);
  },

  "a list of uses is read once, and by nobody's methods"({ Secret, SecretError }) {
    const key = Secret.fromBytes(bytes());
    for (const wrong of [undefined, null, "mac", 1, {}, ["Mac"], [0], [undefined], [["mac"]], Array(2), Array(65).fill("mac")]) {
      equal(thrown(TypeError, () => key.restrict(wrong)).message.includes("`uses`"), true);
    }
    // It changes with each look.
    let looks = 0;
    const changing = new Proxy(["verify"], {
      get: (target, name) => (name === "0" && looks++ > 0 ? "reveal" : Reflect.get(target, name)),
    });
    refused(SecretError, "not-permitted", () => key.restrict(changing).withBytes(() => {}));
    equal(looks, 1);
    for (const length of [-1, 1.5, 2 ** 53, 1e9, "1", { valueOf: () => 1 }]) {
      const list = new Proxy([], { get: (target, name) => (name === "length" ? length : "mac") });
      if (length !== -1) thrown(TypeError, () => key.restrict(list));
    }
    // One that closes the secret meanwhile.
    const closing = Object.defineProperty([], "0", {
      get: () => {
        key.close();
        return "mac";
      },
    });
    refused(SecretError, "closed", () => key.restrict(closing));
  },

  async "a secret lives as long as any handle on it is in use"({ Secret, collectGarbage }) {
    if (!collectGarbage) return;
    const handle = (() => Secret.fromBytes(bytes()).restrict(["mac"]))();
    for (let round = 0; round < 5; round++) {
      collectGarbage();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    equal(handle.hmacSha256("x").length, 32);
  },

  async "whoever has a port of a restricted handle can ask for no more by it, whatever is sent"({ remote }) {
    const key = await remote.Secret.fromBytes(bytes());
    const ask = (port, name, number, values) =>
      new Promise((resolve) => {
        port.onmessage = ({ data }) => resolve(data);
        port.postMessage([1, name, number, values, [0, 0, 0, 0]]);
      });
    const [port, control] = [await (await key.restrict(["verify"])).toPort(), await key.toPort()];
    const attempts = [["reveal", [100]], ["encode", ["hex"]], ["hmacSha256", ["x"]], ["withBytes", []], ["hkdfSha256", [bytes(), bytes(), 16]]];
    for (const [name, values] of attempts) {
      equal((await ask(port, name, 1, values)).join().includes("not-permitted") || name === "withBytes", true, name);
      // No other number has a secret there.
      equal((await ask(port, name, 2, values))[1] === "value", false, name);
    }
    const [, widened, number] = await ask(port, "restrict", 1, [USES]);
    equal(widened, "secret");
    equal((await ask(port, "reveal", number, [100]))[2], "not-permitted");
    equal((await ask(control, "reveal", 1, [100]))[2].length, 32, "the control");
    port.close();
    control.close();
    await key.close();
  },

  async "handles of a worker can do less, too, and so can those behind other ports"({ Secret, remote }) {
    const key = await remote.Secret.fromBytes(bytes());
    const verifier = await key.restrict(["verify"]);
    const tag = await key.hmacSha256("x");
    equal(same(tag, Secret.fromBytes(bytes()).hmacSha256("x")), true);
    const behind = remote.Secret.fromPort(await verifier.toPort());
    for (const handle of [verifier, behind, await verifier.restrict(USES), await behind.restrict(USES)]) {
      equal(await handle.verifyHmacSha256("x", tag), true);
      await refusedLater(remote.SecretError, "not-permitted", () => handle.hmacSha256("x"));
      await refusedLater(remote.SecretError, "not-permitted", () => handle.withBytes(() => {}));
      await refusedLater(remote.SecretError, "not-permitted", () => handle.replace(bytes()));
    }
    for (const wrong of [undefined, "mac", ["Mac"]]) {
      const here = thrown(TypeError, () => Secret.random(1).restrict(wrong)).message;
      equal((await rejected(TypeError, () => key.restrict(wrong))).message, here);
    }
    await verifier.close();
    equal(await behind.isClosed, true);
    equal(await key.isClosed, false);
    await key.close();
  },
};
