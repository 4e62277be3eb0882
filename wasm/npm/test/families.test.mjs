// The entries of one family each, whose binaries are compiled otherwise: they have what is theirs and nothing
// else, compute what is published, and leave nothing behind.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

import { PACKAGE } from "../package-folder.mjs";
import { nextLinearMemory } from "../residue/linear-memory.mjs";
import { usesOf } from "./hostile-uses.mjs";
import { operationResidueChecks } from "./operation-residue-checks.mjs";
import { residueChecks, sample } from "./residue-checks.mjs";
import { vectorChecks } from "./vector-checks.mjs";

/** What there is of a family: operations, by the names of `hostile-uses.mjs`, and checks that need no others. */
const FAMILIES = {
  mac: {
    operations: ["hmacSha256", "verifyHmacSha256", "hmacSha384", "verifyHmacSha384", "hmacSha512", "verifyHmacSha512"],
    checks: ["HMACs are as published", "signing leaves nothing behind, whatever the key's length"],
  },
  aead: {
    operations: ["seal", "sealWithNonce"],
    checks: ["AEADs are as published", "plaintexts leave nothing behind in linear memory, and can be wiped outside"],
  },
  kdf: {
    operations: ["hkdfSha256", "argon2id"],
    checks: ["key derivations are as published", "derived secrets are there once, and not at all after their end"],
  },
  sign: {
    operations: ["signEd25519", "ed25519PublicKey", "verifyEd25519"],
    checks: ["signatures are as published", "signing leaves nothing behind of what Ed25519 makes of its seed"],
  },
  wrap: {
    operations: ["wrapAead", "wrapAesKw"],
    checks: ["wrapped keys are as published", "unwrapped secrets are there once, and not at all after their end"],
  },
};

const ofFamilies = Object.values(FAMILIES).flatMap(({ operations }) => operations);
const allChecks = { ...vectorChecks, ...residueChecks, ...operationResidueChecks };
const require = createRequire(PACKAGE);

/** All of them, before any test begins, some of which load more. */
const entries = {};
for (const family of Object.keys(FAMILIES)) {
  const captured = nextLinearMemory();
  const entry = await import(new URL(`${family}.js`, PACKAGE));
  entries[family] = { ...entry, memory: await captured };
}

for (const [family, { operations, checks }] of Object.entries(FAMILIES)) {
  const { Secret, SecretError, memory } = entries[family];
  const uses = Object.entries(usesOf(Secret));

  test(`${family} has its own operations alone`, () => {
    const has = ofFamilies.filter((name) => name in Secret.prototype || name in Secret);
    assert.deepEqual(has, operations);
    assert.deepEqual([Secret.name, SecretError.name], ["Secret", "SecretError"]);
  });

  for (const check of checks) {
    test(`${family}: ${check}`, () => allChecks[check]({ Secret, SecretError, memory }));
  }

  test(`${family}: keys leave nothing behind, whatever they are used for`, () => {
    const known = uses.filter(([name]) => !ofFamilies.includes(name) || operations.includes(name));
    for (const [name, use] of known) {
      const one = sample(32);
      const key = Secret.fromBytes(one.bytes);
      use(key);
      assert.equal(one.in(memory), one.once, `${name}, while the key is open`);
      key.close();
      assert.equal(one.in(memory), 0, `${name}, after its end`);
    }
  });

  test(`${family}: another entry's secret is none, its errors are errors`, () => {
    const other = require(`./${family}.cjs`);
    const key = Secret.random(32);
    assert.throws(() => key.equals(other.Secret.random(32)), TypeError);
    assert.throws(() => other.Secret.random(0), (error) => SecretError.is(error) && error.code === "empty");
  });
}
