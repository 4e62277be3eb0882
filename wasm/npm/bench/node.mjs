// The package and its peers in Node: one line of JSON for each figure.

import { compare } from "./compare.mjs";
import { PACKAGE } from "../package-folder.mjs";
import * as hashWasm from "./peers/hash-wasm.mjs";
import * as libsodium from "./peers/libsodium.mjs";
import * as noble from "./peers/noble.mjs";
import * as nodeCrypto from "./peers/node-crypto.mjs";
import { strongroom } from "./peers/strongroom.mjs";
import * as webCrypto from "./peers/webcrypto.mjs";

const { Secret } = await import(new URL("index.js", PACKAGE));
const peers = [strongroom(Secret), nodeCrypto, webCrypto, noble, libsodium, hashWasm];
await compare(peers, `Node ${process.versions.node.split(".")[0]}`, (line) => console.log(JSON.stringify(line)));
