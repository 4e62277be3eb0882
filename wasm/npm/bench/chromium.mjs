// The package and its peers in a page of headless Chromium: one line of JSON for each figure.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { withPage } from "../browser.mjs";
import { PACKAGE } from "../package-folder.mjs";

const folder = mkdtempSync(join(tmpdir(), "strongroom-bench-"));
try {
  const bundle = join(folder, "bundle.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("page.mjs", import.meta.url))],
    outfile: bundle,
    bundle: true,
    format: "esm",
    // The package stays as it is published.
    external: ["strongroom"],
    logLevel: "warning",
  });
  const files = { "/bench/bundle.mjs": bundle };
  await withPage({ browser: "chromium", path: "/bench/page.html", pkg: fileURLToPath(PACKAGE), files }, async (page) => {
    await page.exposeFunction("printed", (line) => console.log(JSON.stringify(line)));
    await page.evaluate(async () => (await import("/bench/bundle.mjs"), globalThis.measured));
  });
} finally {
  rmSync(folder, { recursive: true });
}
