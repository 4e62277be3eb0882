// The main job in a page of headless Chromium; prints one line of JSON.

import { findChromium, withPage } from "../browser.mjs";
import { parseArguments } from "./arguments.mjs";

const { key, message, replacement, package: pkg } = parseArguments();

async function rowOf(page) {
  const body = page.locator("body[data-row]");
  await body.waitFor();
  return body.getAttribute("data-row");
}

if (findChromium() === undefined) {
  const unavailable = "there is no chromium on the PATH; on Debian: apt-get install chromium";
  console.log(JSON.stringify({ host: "Chromium", unavailable }));
} else {
  const files = { "/key": key, "/message": message, "/replacement": replacement };
  console.log(await withPage({ path: "/demo/index.html", pkg, files }, rowOf));
}
