// The package and its peers in a page: the same, without what only Node has. esbuild makes one file of it.

import { Secret } from "strongroom";

import { compare } from "./compare.mjs";
import * as hashWasm from "./peers/hash-wasm.mjs";
import * as libsodium from "./peers/libsodium.mjs";
import * as noble from "./peers/noble.mjs";
import { strongroom } from "./peers/strongroom.mjs";
import * as webCrypto from "./peers/webcrypto.mjs";

globalThis.measured = compare([strongroom(Secret), webCrypto, noble, libsodium, hashWasm], "Chromium", printed);
