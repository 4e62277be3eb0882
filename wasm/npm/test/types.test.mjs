// What editors show: everything that TypeScript sees of the package is described, and everything in wit/, of
// which jco and the like make types.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import ts from "typescript";

import { PACKAGE } from "../package-folder.mjs";

const WIT = new URL("../../../wit/", import.meta.url);

/** What is exported by `types`, or a member of that, and has no description. */
function undescribed(types) {
  const found = [];
  const visit = (node) => {
    const name = node.name?.getText() ?? "constructor";
    const described = ts.getJSDocCommentsAndTags(node).length > 0;
    // Nobody sees these two.
    if (!described && !["constructor", "#private"].includes(name)) found.push(name);
    node.members?.forEach(visit);
  };
  const source = ts.createSourceFile("types.d.ts", types, ts.ScriptTarget.Latest, true);
  for (const node of source.statements) {
    const modifiers = (ts.canHaveModifiers(node) && ts.getModifiers(node)) || [];
    if (modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) visit(node);
  }
  // A word among others has its description on the line above.
  for (const [, before, word] of types.matchAll(/(.*)\n +\| "([\w-]+)"/g)) {
    if (!before.endsWith("*/")) found.push(word);
  }
  return found;
}

/** What is in `wit` and has no description. */
function undescribedInWit(wit) {
  const lines = wit.split("\n").map((line) => line.trim());
  const declares = /^(?:(?:interface|world|record|variant|enum|resource) ([\w-]+) \{|([\w-]+): .*[;,]|([\w-]+)(?:\(\w+\))?,)$/;
  return lines.flatMap((line, at) => {
    const [name] = (declares.exec(line) ?? []).slice(1).filter(Boolean);
    const above = lines.slice(0, at).findLast((line) => !line.startsWith("@"));
    return name === undefined || above?.startsWith("///") ? [] : [name];
  });
}

test("every type of the package is described, with its members", () => {
  const files = readdirSync(PACKAGE).filter((file) => /\.d\.c?ts$/.test(file));
  assert.ok(files.length > 0);
  for (const file of files) assert.deepEqual(undescribed(readFileSync(new URL(file, PACKAGE), "utf8")), [], file);
});

test("every part of the interface is described", () => {
  const files = readdirSync(WIT).filter((file) => file.endsWith(".wit"));
  assert.ok(files.length > 0);
  for (const file of files) assert.deepEqual(undescribedInWit(readFileSync(new URL(file, WIT), "utf8")), [], file);
});

test("what isn't described is seen", () => {
  const types = `
    /** One. */
    export class One {
      private constructor();
      two(): void;
      /** Three. */
      three: 3;
    }
    export interface Four {
      /** Five. */
      five: 5;
    }
    /** Six. */
    export type Six =
      /** Seven. */
      | "seven"
      | "eight";`;
  assert.deepEqual(undescribed(types), ["two", "Four", "eight"]);
  const wit = `
    /// One.
    @since(version = 0.1.0)
    interface one {
      two: func(three: u8) -> result<_, error>;
      @since(version = 0.1.0)
      variant four {
        /// Five.
        five,
        six(u64),
      }
    }`;
  assert.deepEqual(undescribedInWit(wit), ["two", "four", "six"]);
});
