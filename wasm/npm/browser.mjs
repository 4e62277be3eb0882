// A page in a headless browser: Chromium or Firefox, whichever the system has.

import { accessSync, constants } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import puppeteer from "puppeteer-core";

import { serving } from "./serve.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** What their programs are called, and what they are started with. */
const BROWSERS = {
  chromium: {
    names: ["chromium", "chromium-browser", "google-chrome"],
    options: {
      browser: "chrome",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  firefox: {
    names: ["firefox-esr", "firefox"],
    options: {
      browser: "firefox",
      // Gives tests a way to call the garbage collector.
      extraPrefsFirefox: { "dom.testing.testutils.enabled": true },
    },
  },
};

/** Where a browser is, `chromium` or `firefox`; undefined where there is none. */
export function findBrowser(browser) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return BROWSERS[browser].names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Starts a browser, with `args` as well, and calls `use` with an empty page of it. */
export async function withEmptyPage(browser, use, args = []) {
  const { options } = BROWSERS[browser];
  const started = await puppeteer.launch({
    ...options,
    executablePath: findBrowser(browser),
    args: [...(options.args ?? []), ...args],
    // Checks and measurements take minutes, where the machine is busy.
    protocolTimeout: 3_600_000,
  });
  try {
    return await use(await started.newPage());
  } finally {
    await started.close();
  }
}

/**
 * Opens `path`, a page of this folder, and calls `use` with it. Below `/package/` the page finds
 * the package in the folder `pkg`, and each of `files` at the path it is given.
 */
export function withPage({ browser, path, pkg, files = {}, args }, use) {
  const fileOf = (asked) => {
    const inPackage = asked.startsWith("/package/") && join(resolve(pkg), asked.slice("/package/".length));
    return files[asked] ?? (inPackage || join(HERE, asked));
  };
  const open = (origin) => async (page) => {
    const failed = new Promise((_, reject) => page.on("pageerror", reject));
    await page.goto(origin + path);
    return Promise.race([use(page), failed]);
  };
  return serving(fileOf, (origin) => withEmptyPage(browser, open(origin), args));
}
