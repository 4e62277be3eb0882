import * as strongroom from "strongroom";
import { use } from "./use.mjs";

console.log(use(strongroom));
