// Chromium, and what is true of every page that it shows.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after } from "node:test";
import { chromium } from "playwright-core";

const BOUND = 20_000;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** How people look at it. */
export const LOOKS = {
  light: { viewport: { width: 1440, height: 900 }, colorScheme: "light" },
  dark: { viewport: { width: 1440, height: 900 }, colorScheme: "dark" },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: "light", deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};

/** What the browser itself writes when a socket or a request fails; a page can't keep it from that. */
const EXPECTED = [
  /^WebSocket connection to 'ws:\/\/[\w.]+:\d+\/ws' failed: /,
  /^Failed to load resource: net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|INTERNET_DISCONNECTED|SOCKET_NOT_CONNECTED)$/,
  /^Failed to load resource: the server responded with a status of 401 \(Unauthorized\)$/,
];

/** One for all tests of a file. */
const browser = await chromium.launch({
  executablePath: process.env.STARLING_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"],
});
after(() => browser.close());

/** A page in a profile of its own, for one test. What it complains of is kept for {@link isClean}. */
export async function open(t, look = LOOKS.light) {
  const context = await browser.newContext(look);
  t.after(() => context.close());
  context.setDefaultTimeout(BOUND);
  const page = await context.newPage();
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(`uncaught: ${error.stack}`));
  page.on("console", (message) => {
    const isBad = ["error", "warning", "assert"].includes(message.type());
    if (isBad && !EXPECTED.some((pattern) => pattern.test(message.text()))) {
      page.complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  return page;
}

/** Nothing was complained of so far. */
export function isClean(...pages) {
  assert.deepEqual(pages.flatMap(({ complaints }) => complaints), []);
}

/** What shows now can be used by everybody (axe, with all its rules), and does not scroll sideways. */
export async function isAccessible(page, name) {
  await page.evaluate(AXE);
  const violations = await page.evaluate("axe.run().then((results) => results.violations)");
  const told = violations.map(({ id, nodes }) => `${name}: ${id} at ${nodes.map(({ target }) => target).join(", ")}`);
  assert.deepEqual(told, []);
  assert.equal(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"), 0, `${name} scrolls`);
}

/** Saves what shows, if STARLING_SCREENSHOTS names a directory. */
export async function screenshot(page, name) {
  const directory = process.env.STARLING_SCREENSHOTS;
  if (directory) {
    await page.screenshot({ path: join(directory, `${name}.png`) });
  }
}
