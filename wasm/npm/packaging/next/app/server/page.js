import * as strongroom from "strongroom";
import { use } from "../../use.mjs";

// For each request, not once for all in the build.
export const dynamic = "force-dynamic";

export default function Page() {
  return <p>{use(strongroom)}</p>;
}
