import * as strongroom from "strongroom";
import { use } from "./use.mjs";

onmessage = () => postMessage(use(strongroom));
