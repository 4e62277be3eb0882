import { parentPort } from "node:worker_threads";
import * as strongroom from "strongroom";
import { use } from "./use.mjs";

parentPort.once("message", () => parentPort.postMessage(use(strongroom)));
