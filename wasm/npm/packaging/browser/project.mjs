import { pathToFileURL } from "node:url";

/** Allows nothing but scripts of the page's own, and the one thing that WebAssembly needs. */
const STRICT = { "content-security-policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'" };

const ways = (browser) => ({
  "page": (tools) => tools.served(browser, ".", "/page.html"),
  "page that allows `'wasm-unsafe-eval'` alone": (tools) => tools.served(browser, ".", "/page.html", STRICT),
  "worker": (tools) => tools.served(browser, ".", "/with-worker.html"),
  "service worker": (tools) => tools.served(browser, ".", "/with-service-worker.html"),
  "script of a `file://` page": async (tools) => {
    await tools.npx("esbuild", "page.js", "--bundle", "--format=iife", "--outfile=built.js", "--log-level=error");
    return tools.page(browser, pathToFileURL(tools.path("file.html")).href);
  },
});

export const rows = { "Chromium": ways("chromium"), "Firefox": ways("firefox") };

const most = ["page that allows `'wasm-unsafe-eval'` alone", "service worker"];

export const tested = { "Chromium": most, "Firefox": most };
