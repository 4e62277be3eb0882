import * as strongroom from "./node_modules/strongroom/index.js";
import { use } from "./use.mjs";

document.body.dataset.report = use(strongroom);
