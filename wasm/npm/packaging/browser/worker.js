// A worker of a page's, and a service worker.

import * as strongroom from "./node_modules/strongroom/index.js";
import { use } from "./use.mjs";

onmessage = ({ ports: [port] }) => port.postMessage(use(strongroom));
