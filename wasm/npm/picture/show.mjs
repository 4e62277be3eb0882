// Serves the picture until it is ended, and says where.

import { servingPicture } from "./server.mjs";

await servingPicture((address) => {
  console.log(`\n    open ${address} in a browser; Ctrl+C ends it\n`);
  return new Promise(() => {});
});
