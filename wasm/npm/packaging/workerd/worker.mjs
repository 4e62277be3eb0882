import * as strongroom from "strongroom";
import { use } from "./use.mjs";

export default {
  fetch: () => new Response(use(strongroom)),
};
