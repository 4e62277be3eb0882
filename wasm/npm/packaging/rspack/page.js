import * as strongroom from "strongroom";
import { use } from "./use.mjs";

document.body.dataset.report = use(strongroom);
