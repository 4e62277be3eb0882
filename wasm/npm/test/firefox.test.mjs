// The checks in a page of headless Firefox.

import { test } from "node:test";

import { checkIn } from "./in-browser.mjs";

test("in Firefox", (t) => checkIn("firefox", t));
