// The main job in a page of headless Chromium; prints one line of JSON.

import { findBrowser, withPage } from "../browser.mjs";
import { parseArguments } from "./arguments.mjs";

const { key, message, replacement, package: pkg } = parseArguments();

async function rowOf(page) {
  const body = await page.waitForSelector("body[data-row]");
  return body.evaluate(({ dataset }) => dataset.row);
}

if (findBrowser("chromium") === undefined) {
  const unavailable = "there is no chromium on the PATH; on Debian: apt-get install chromium";
  console.log(JSON.stringify({ host: "Chromium", unavailable }));
} else {
  const files = { "/key": key, "/message": message, "/replacement": replacement };
  console.log(await withPage({ browser: "chromium", path: "/demo/index.html", pkg, files }, rowOf));
}
