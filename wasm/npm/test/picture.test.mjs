// The picture of `cargo xtask demo --page`, worked with by keyboard as a person would, in both browsers.

import assert from "node:assert/strict";
import { test } from "node:test";

import { withEmptyPage } from "../browser.mjs";
import { servingPicture } from "../picture/server.mjs";

const STEPS = {
  make: "Make",
  sign: "Sign",
  encrypt: "Encrypt",
  replace: "Replace",
  throwInside: "Throw in a callback",
  close: "Close",
  lives: "100 lives",
};

/** Calls `use` with the picture, open in `browser`, and the addresses that it asked for. */
const withPicture = (browser, use) =>
  servingPicture((address) =>
    withEmptyPage(browser, async (page) => {
      const asked = [];
      page.on("request", (request) => asked.push(request.url()));
      const failed = new Promise((_, reject) => {
        // Firefox calls an error, too, what the policy has refused, as it should.
        page.on("pageerror", (error) => /^Content-Security-Policy/.test(error.message) || reject(error));
      });
      const open = async () => {
        await page.goto(address);
        await page.waitForSelector("body[data-ready]");
        return use(page, address, asked);
      };
      return Promise.race([open(), failed]);
    }),
  );

/** Puts `text` in the place of what is typed. */
async function type(page, text) {
  await page.focus("#secret");
  await page.$eval("#secret", (field) => field.select());
  await page.keyboard.type(text);
}

/** Does a step by keyboard: how many bytes are lit on either side then. */
async function perform(page, step) {
  await page.focus(`[data-step=${step}]`);
  await page.keyboard.press("Enter");
  assert.equal(await page.$eval("#steps td", (cell) => cell.textContent), STEPS[step]);
  const litOn = (side) => page.$eval(`#${side}`, (section) => Number(section.dataset.lit));
  return { strongroom: await litOn("strongroom"), naive: await litOn("naive") };
}

const status = (page) => page.$eval("#status", (line) => line.textContent);

for (const browser of ["chromium", "firefox"]) {
  test(`what is lit in ${browser}`, () =>
    withPicture(browser, async (page) => {
      // Like texts of the modules' own, which are not lit.
      const first = "a secret of the first page, 32 b";
      await type(page, first);
      assert.deepEqual(await perform(page, "make"), { strongroom: first.length, naive: first.length });
      for (const step of ["sign", "encrypt"]) {
        const { strongroom, naive } = await perform(page, step);
        assert.equal(strongroom, first.length, step);
        assert.ok(naive >= first.length, step);
      }
      const second = "another one, of which there is more to be seen";
      await type(page, second);
      const replaced = await perform(page, "replace");
      assert.equal(replaced.strongroom, second.length);
      assert.ok(replaced.naive > second.length, "the old one is seen beside the new one");
      const closed = await perform(page, "close");
      assert.equal(closed.strongroom, 0);
      assert.ok(closed.naive > 0, "what is left is seen");

      const third = "a third one, for an exception";
      await type(page, third);
      assert.equal((await perform(page, "make")).strongroom, third.length);
      assert.equal((await perform(page, "throwInside")).strongroom, third.length);
      const thrown = await perform(page, "close");
      assert.equal(thrown.strongroom, 0);
      assert.ok(thrown.naive >= third.length, "one that can't be closed any more is seen");
      assert.match(await status(page), /Not by naive: /);

      await type(page, "a fourth one, a hundred times");
      const lived = await perform(page, "lives");
      assert.equal(lived.strongroom, 0);
      assert.ok(lived.naive > 0);

      await type(page, "short");
      await page.focus("[data-step=make]");
      await page.keyboard.press("Enter");
      assert.match(await status(page), /from 8 to 4096 bytes, not 5/);
    }));

  test(`a file is taken where it is dropped, in ${browser}`, () =>
    withPicture(browser, async (page) => {
      await page.evaluate(() => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([new Uint8Array(300).map((_, index) => 7 * index)], "key.bin"));
        document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
      });
      await page.waitForFunction(() => /key\.bin: 300 bytes/.test(document.querySelector("#status").textContent));
      assert.equal((await perform(page, "make")).strongroom, 300);
    }));

  test(`the page asks for nothing but its own, in ${browser}`, () =>
    withPicture(browser, async (page, address, asked) => {
      assert.ok(asked.length > 5);
      for (const url of asked) assert.ok(url.startsWith(address) || url.startsWith("data:"), url);
      // Its policy keeps even what somebody wrote into it from asking others.
      await page.evaluate((elsewhere) => {
        document.addEventListener("securitypolicyviolation", (event) => {
          document.body.dataset.refused = `${event.effectiveDirective} ${event.blockedURI}`;
        });
        fetch(elsewhere).catch(() => {});
      }, address.replace("127.0.0.1", "localhost"));
      await page.waitForSelector("body[data-refused^='connect-src http://localhost:']");
    }));

  test(`the page fits a telephone, and keeps the keyboard, in ${browser}`, () =>
    withPicture(browser, async (page) => {
      await page.setViewport({ width: 360, height: 740 });
      const overhang = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      await type(page, "x".repeat(300));
      await perform(page, "make");
      assert.ok((await overhang()) <= 0);
      const focused = () => page.evaluate(() => document.activeElement.dataset.step);
      assert.equal(await focused(), "sign");
      await perform(page, "close");
      assert.equal(await focused(), "make");
    }));
}

test("the page is light or dark, as the reader has it", () =>
  withPicture("chromium", async (page) => {
    const brightness = async (scheme) => {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      return page.evaluate(async () => {
        // It is drawn anew in the frame in which the page is told.
        for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
        const canvas = document.querySelector("canvas");
        const [red] = canvas.getContext("2d").getImageData(0, 0, 1, 1).data;
        const [paper] = getComputedStyle(document.body).backgroundColor.match(/\d+/g);
        return [Number(red), Number(paper)];
      });
    };
    assert.ok((await brightness("light")).every((value) => value > 200));
    assert.ok((await brightness("dark")).every((value) => value < 60));
  }));
