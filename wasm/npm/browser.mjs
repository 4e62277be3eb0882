// A page in headless Chromium. It is served from files without any server: Chromium asks this
// process for each of them, so no port is open and nothing leaves the machine.

import { accessSync, constants } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const ORIGIN = "https://strongroom.test";
const HERE = fileURLToPath(new URL(".", import.meta.url));

const ARGUMENTS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Where Chromium is; undefined where there is none. */
export function findChromium() {
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const folders = (process.env.PATH ?? "").split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Opens `path`, a page of this folder, and calls `use` with it. Below `/package/` the page finds
 * the package in the folder `pkg`, and each of `files` at the path it is given.
 */
export async function withPage({ path, pkg, files = {}, args = [] }, use) {
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: [...ARGUMENTS, ...args],
  });
  try {
    const page = await browser.newPage();
    await page.route(`${ORIGIN}/**`, (route) => {
      const asked = new URL(route.request().url()).pathname;
      const inPackage = asked.startsWith("/package/") && join(resolve(pkg), asked.slice(9));
      return route.fulfill({ path: files[asked] ?? (inPackage || join(HERE, asked)) });
    });
    const failed = new Promise((_, reject) => page.on("pageerror", reject));
    await page.goto(ORIGIN + path);
    return await Promise.race([use(page), failed]);
  } finally {
    await browser.close();
  }
}
