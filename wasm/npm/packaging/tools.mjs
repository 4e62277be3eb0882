// What projects use to run programs and to open pages.

import { spawn } from "node:child_process";
import { join } from "node:path";

import { withEmptyPage } from "../browser.mjs";
import { serving } from "../serve.mjs";

/** How long anything may take, in ms, before it is taken for stuck. */
const PATIENCE = 600_000;

/** Nothing here is to tell others of itself, nor to look for something newer. */
const QUIET = {
  CI: "1",
  DENO_NO_UPDATE_CHECK: "1",
  DO_NOT_TRACK: "1",
  NEXT_TELEMETRY_DISABLED: "1",
  NO_COLOR: "1",
  PARCEL_WORKERS: "0",
};

/** The tools for the project in `folder`. */
export function toolsOf(folder) {
  const start = (program, args, env) =>
    spawn(program, args, {
      cwd: folder,
      env: { ...process.env, ...QUIET, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: PATIENCE,
    });

  /** Runs a program to its end and gives what it printed. */
  async function run(program, args, env) {
    const child = start(program, args, env);
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => (printed += part));
    const status = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
    if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}: ${printed}`);
    return printed;
  }

  return {
    folder,
    path: (...names) => join(folder, ...names),
    run,
    node: (...args) => run(process.execPath, args),
    /** Runs a tool that the project has installed. */
    npx: (name, ...args) => run(join(folder, "node_modules/.bin", name), args),

    /** Runs a server while `use` runs, from when it prints what `ready` finds on. */
    async server(program, args, ready, use, env) {
      const child = start(program, args, env);
      let printed = "";
      try {
        const found = await new Promise((resolve, reject) => {
          const look = (part) => {
            printed += part;
            const match = ready.exec(printed);
            if (match) resolve(match);
          };
          child.stdout.on("data", look);
          child.stderr.on("data", look);
          child.on("error", reject);
          child.on("close", () => reject(new Error(`the server ended: ${printed}`)));
        });
        return await use(found);
      } finally {
        child.kill();
      }
    },

    /** Opens the page of a URL and gives what it reports in `document.body.dataset.report`. */
    page: (browser, url) => withEmptyPage(browser, (page) => reportOf(page, url)),

    /** Serves a folder, and gives what its page reports. */
    served: (browser, below, path = "/index.html", headers = {}) =>
      serving(
        (asked) => join(folder, below, asked),
        (origin) => withEmptyPage(browser, (page) => reportOf(page, origin + path)),
        headers,
      ),
  };
}

async function reportOf(page, url) {
  const said = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  await page.goto(url);
  try {
    const body = await page.waitForSelector("body[data-report]", { timeout: 60_000 });
    return await body.evaluate(({ dataset }) => dataset.report);
  } catch (cause) {
    throw new Error(`the page reports nothing: ${said.join("; ")}`, { cause });
  }
}
