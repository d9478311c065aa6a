// The console in light, in dark and on a phone: nobody is kept from using it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { shared, token } from "../client/server.mjs";
import { isAccessible, isClean, LOOKS, open, screenshot } from "./browser.mjs";
import { publish, row, signIn, subscribe, view } from "./console.mjs";

const SAID = [
  ["kept:orders", { order: 7120, total: 18.5, items: ["tea", "cup"] }],
  ["plain:weather", { place: "Bay", wind: 11.3, sky: "starlings" }],
  ["kept:chat", { from: "alice", text: "Is anybody here?" }],
  ["kept:orders", { order: 7121, total: 42, items: ["kettle"] }],
  ["kept:chat", { from: "bob", text: "I am. Did you see the birds?" }],
  ["plain:weather", { place: "Harbour", wind: 9.8, sky: "clear" }],
];

for (const [name, look] of Object.entries(LOOKS)) {
  test(`all views can be used by everybody: ${name}`, async (t) => {
    const page = await open(t, look);
    const check = (view) => isAccessible(page, `${name}, ${view}`);
    await page.goto(`http://localhost:${shared.port}/console/`);
    await page.press("#token", "Enter");
    await page.locator("#sign-in-error", { hasText: "Paste a token" }).waitFor();
    await check("signing in");
    await signIn(page, shared.port, token({ user: "alice", scope: "ops" }));
    await check("nothing so far");
    for (const channel of new Set(SAID.map(([channel]) => channel))) {
      await subscribe(page, channel);
    }
    for (const [channel, data] of [...SAID, ...SAID]) {
      await publish(page, channel, data);
    }
    await row(page, "clear").nth(1).waitFor();
    await page.evaluate("document.activeElement.blur()");
    await check("live");
    if (name === "phone") {
      await page.locator("#message-tabs").evaluate((tabs) => tabs.parentElement.scrollIntoView());
    }
    await screenshot(page, `console-${name}`);
    await page.click('button[aria-label="History: kept:orders"]');
    await page.locator("#history td.data").first().waitFor();
    await check("history");
    await page.click('button[aria-label="Members: kept:orders"]');
    await page.locator("#members td").first().waitFor();
    await check("members");
    for (const other of ["server", "figures", "connections", "closes"]) {
      await view(page, other);
      await check(other);
    }
    isClean(page);
  });
}

test("the keyboard reaches everything, and a chosen colour scheme stays", async (t) => {
  const page = await open(t);
  await signIn(page, shared.port, token());
  await page.reload();
  await page.locator("#channels").waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate("document.activeElement.className"), "skip");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate("document.activeElement.id"), "main");
  await page.focus("#tab-live");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.evaluate("document.activeElement.id"), "tab-history");
  await page.locator("#history").waitFor();

  await page.selectOption("#theme", "dark");
  await page.reload();
  assert.equal(await page.evaluate("getComputedStyle(document.body).colorScheme"), "dark");
  isClean(page);
});
