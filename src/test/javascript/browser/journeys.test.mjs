// What people do with the console, against real servers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startProxy } from "../client/proxy.mjs";
import { shared, startServer, token } from "../client/server.mjs";
import { isClean, open } from "./browser.mjs";
import { connectionOf, isConnected, publish, row, signIn, state, subscribe, view } from "./console.mjs";

const OPERATOR = { scope: "ops" };

test("the link of the log opens the console, and what another page publishes shows", async (t) => {
  const link = process.env.STARLING_LINK;
  const [first, second] = [await open(t), await open(t)];
  for (const page of [first, second]) {
    await page.goto(link);
    await isConnected(page);
    assert.ok(!page.url().includes("token"), page.url());
  }
  await first.click("#start-news");
  await first.locator('#subscriptions [data-state="subscribed"]').waitFor();
  await publish(second, "news", { text: "hello" });
  await row(first, '{"text":"hello"}').waitFor();

  await publish(first, "news", "mine");
  assert.match(await row(first, '"mine"').locator(".latency").innerText(), /^[\d.]+ (ms|s)$/);
  assert.equal(await row(first, "hello").locator(".latency").innerText(), "");

  await first.reload();
  await isConnected(first);
  await first.locator("#subscriptions li", { hasText: "news" }).locator('[data-state="subscribed"]').waitFor();
  await first.click("#sign-out");
  await first.locator("#token").waitFor();
  assert.equal(await first.evaluate("sessionStorage.length"), 0);
  isClean(first, second);
});

test("a bad token says what is wrong, and a good one helps", async (t) => {
  const page = await open(t);
  await page.goto(`http://localhost:${shared.port}/console/#token=${token({ seconds: -60 })}`);
  await page.locator("#sign-in-error", { hasText: "expired" }).waitFor();
  assert.match(await page.innerText("#sign-in-error"), /does not accept this token.*Paste a new one.*401, invalid_token/s);
  await page.fill("#token", "nonsense");
  await page.press("#token", "Enter");
  await page.locator("#sign-in-error", { hasText: "This is no token" }).waitFor();
  await page.fill("#token", token());
  await page.press("#token", "Enter");
  await isConnected(page);
  assert.deepEqual(await page.locator("nav a:visible").allInnerTexts(), ["Channels", "Server"]);
  isClean(page);
});

test("what is no JSON, or not allowed, or not kept is said in words", async (t) => {
  const page = await open(t);
  await signIn(page, shared.port, token());
  await page.fill("#publish-data", '{"a": 1,}');
  await page.press("#publish-data", "Control+Enter");
  await page.locator("#publish-said", { hasText: "This is no JSON" }).waitFor();
  await page.fill("#publish-channel", "closed:to-all");
  await page.fill("#publish-data", "1");
  await page.click("#publish-form button");
  await page.locator("#publish-said", { hasText: "105 forbidden" }).waitFor();
  await subscribe(page, "plain:words");
  await page.click('button[aria-label="History: plain:words"]');
  await page.locator("#history .notice", { hasText: "keeps no history" }).waitFor();
  await page.click('button[aria-label="Members: plain:words"]');
  await page.locator("#members .notice", { hasText: "keeps no presence" }).waitFor();
  isClean(page);
});

test("history goes back page by page, and members come and go", async (t) => {
  const [page, other] = [await open(t), await open(t)];
  await signIn(page, shared.port, token());
  await subscribe(page, "kept:pages");
  await page.evaluate(`(async () => {
    const { Starling } = await import("../client/index.js");
    const client = new Starling("../ws", { token: sessionStorage.getItem("starling.token") });
    await Promise.all(Array.from({ length: 130 }, (_, n) => client.publish("kept:pages", n + 1)));
    client.close();
  })()`);
  await page.click('button[aria-label="History: kept:pages"]');
  const offsets = page.locator("#history td.offset");
  await offsets.nth(99).waitFor();
  assert.deepEqual([await offsets.count(), await offsets.first().innerText(), await offsets.last().innerText()], [100, "130", "31"]);
  await page.click("#history button:has-text('Older messages')");
  await page.locator("#history", { hasText: "130 messages of kept:pages, down to the oldest that there is" }).waitFor();
  assert.equal(await offsets.last().innerText(), "1");

  await page.click('button[aria-label="Members: kept:pages"]');
  await page.locator("#members", { hasText: "1 member." }).waitFor();
  await signIn(other, shared.port, token({ user: "bob" }));
  await subscribe(other, "kept:pages");
  await page.locator("#members tbody tr", { hasText: "bob" }).waitFor();
  await other.click("#sign-out");
  await page.locator("#members tbody tr", { hasText: "bob" }).waitFor({ state: "detached" });
  isClean(page, other);
});

test("what was published while the server was away comes when it is back", async (t) => {
  const redis = { "starling.broker.type": "redis", "spring.data.redis.port": process.env.STARLING_REDIS_PORT };
  const [leaving, staying] = await Promise.all([startServer(redis), startServer({ ...redis, "starling.websocket.path": "/live/socket" })]);
  t.after(() => Promise.all([leaving.stop(), staying.stop()]));
  const [page, other] = [await open(t), await open(t)];
  await signIn(page, leaving.port, token(OPERATOR));
  await signIn(other, staying.port, token());
  await subscribe(page, "kept:away");
  await publish(other, "kept:away", "before");
  await row(page, '"before"').waitFor();
  await view(page, "figures");

  await leaving.stop();
  await state(page, "waiting").waitFor();
  await page.locator("#state", { hasText: /^Reconnecting in \d+ s$/ }).waitFor();
  await page.locator("#figures .notice", { hasText: "The figures are not to be had" }).waitFor();
  await publish(other, "kept:away", "while away, 1");
  await publish(other, "kept:away", "while away, 2");

  const back = await startServer({ ...redis, "server.port": leaving.port });
  t.after(() => back.stop());
  await isConnected(page);
  await view(page, "channels");
  await row(page, "Recovered: what was missed after offset 1 follows").waitFor();
  await row(page, '"while away, 2"').waitFor();
  assert.deepEqual(await page.locator("#stream-box tr.message td.data").allInnerTexts(), [
    '"while away, 2"',
    '"while away, 1"',
    '"before"',
  ]);
  assert.match(await page.innerText("#last-disconnect"), /1006 abnormal/);
  isClean(page, other);
});

test("without a network the console says so, and comes back with it", async (t) => {
  const proxy = await startProxy(shared.port);
  t.after(() => proxy.close());
  const page = await open(t);
  await signIn(page, new URL(proxy.url).port, token());
  await page.context().setOffline(true);
  proxy.cut();
  await state(page, "offline").waitFor();
  await page.fill("#publish-channel", "plain:offline");
  await page.press("#publish-data", "Control+Enter");
  await page.locator("#publish-said", { hasText: "when the connection is back" }).waitFor();

  await page.context().setOffline(false);
  await isConnected(page);
  await page.locator("#publish-said", { hasText: "Published to plain:offline" }).waitFor();
  isClean(page);
});

test("operators see this connection, and why another has ended", async (t) => {
  const [page, other] = [await open(t), await open(t)];
  await signIn(page, shared.port, token({ ...OPERATOR, user: "olga" }));
  await signIn(other, shared.port, token({ user: "carol" }));
  const [own, gone] = [await connectionOf(page), await connectionOf(other)];

  await view(page, "connections");
  const found = page.locator("#connections tbody tr");
  await found.filter({ hasText: gone }).waitFor();
  await page.fill("#connections-body-search", "OLGA");
  await page.locator("#connections [role=status]", { hasText: "1 connection on this page" }).waitFor();
  assert.match(await found.innerText(), new RegExp(`olga this page.*${own}`, "s"));

  await other.click("#sign-out");
  await view(page, "closes");
  await page.fill("#closes-body-search", gone);
  const closed = page.locator("#closes tbody tr", { hasText: gone });
  await closed.waitFor();
  assert.match(await closed.innerText(), /1000 normal.*client.*carol/s);
  await page.selectOption("#closes-code", "4001");
  await page.locator("#closes [role=status]", { hasText: "No close matches" }).waitFor();

  await view(page, "figures");
  await page.locator("#figures figure", { hasText: "Connections" }).locator(".value", { hasText: /^\d+$/ }).waitFor();
  await page.locator("#figures", { hasText: "The broker is in memory" }).waitFor();
  await page.locator("#figures td", { hasText: "1000 normal" }).waitFor();
  isClean(page, other);
});
