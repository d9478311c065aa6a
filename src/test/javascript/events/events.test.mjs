// Event streams as a browser reads them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { shared, startServer, token } from "../client/server.mjs";
import { open } from "../browser/browser.mjs";

/** A page of the server's own origin that listens; what it has heard is in `heard`, its states in `states`. */
async function listen(t, port, channel, more = "") {
  const page = await open(t);
  await page.goto(`http://localhost:${port}/client/index.js`);
  await page.evaluate(
    ([path]) => {
      window.heard = [];
      window.states = [];
      window.source = new EventSource(path);
      for (const type of ["welcome", "subscribed", "message", "goaway", "close"]) {
        window.source.addEventListener(type, ({ data, lastEventId }) => window.heard.push({ type, lastEventId, ...JSON.parse(data) }));
      }
      window.source.onerror = () => window.states.push(window.source.readyState);
    },
    [`/api/channels/${channel}/events?access_token=${token()}${more}`],
  );
  return page;
}

function heard(page, type, count) {
  return page.waitForFunction(([wanted, least]) => window.heard.filter((one) => one.type === wanted).length >= least, [type, count]);
}

function data(page) {
  return page.evaluate("heard.filter((one) => one.type === 'message').map((one) => one.data)");
}

async function publish(port, channel, ...messages) {
  for (const message of messages) {
    const answer = await fetch(`http://localhost:${port}/api/channels/${channel}/messages`, {
      method: "POST",
      headers: { authorization: `Bearer ${token({ scope: "publish", publish: ["*"] })}` },
      body: typeof message === "string" ? message : JSON.stringify(message),
    });
    assert.equal(answer.status, 200, await answer.text());
  }
}

test("a browser gets what is published, line breaks and all", async (t) => {
  const page = await listen(t, shared.port, "plain:events");
  await heard(page, "subscribed", 1);
  await publish(shared.port, "plain:events", { n: 1 }, '{"n":\r\n\r2,\n"text":"Grüße"}');
  await heard(page, "message", 2);
  assert.deepEqual(await data(page), [{ n: 1 }, { n: 2, text: "Grüße" }]);
});

test("a browser comes back by itself, and loses nothing when its node leaves", async (t) => {
  const redis = { "starling.broker.type": "redis", "spring.data.redis.port": process.env.STARLING_REDIS_PORT };
  const leaving = await startServer(redis);
  t.after(() => leaving.stop());
  const other = await startServer(redis);
  t.after(() => other.stop());
  const page = await listen(t, leaving.port, "kept:events");
  await heard(page, "subscribed", 1);
  await publish(leaving.port, "kept:events", 1, 2, 3);
  await heard(page, "message", 3);

  await leaving.stop("SIGTERM");
  await heard(page, "close", 1);
  await publish(other.port, "kept:events", 4, 5, 6);
  const back = await startServer({ ...redis, "server.port": leaving.port });
  t.after(() => back.stop());
  await heard(page, "subscribed", 2);
  await publish(back.port, "kept:events", 7);
  await heard(page, "message", 7);

  assert.deepEqual(await data(page), [1, 2, 3, 4, 5, 6, 7]);
  const [last] = await page.evaluate("heard.filter((one) => one.type === 'subscribed').slice(-1)");
  assert.equal(last.recovered, true);
  const [close] = await page.evaluate("heard.filter((one) => one.type === 'close')");
  assert.equal(close.code, 1001);
  assert.ok((await page.evaluate("states")).every((state) => state === 0), "it was connecting each time");
});

test("a refusal ends an EventSource for good", async (t) => {
  const page = await listen(t, shared.port, "closed:events");
  await page.waitForFunction("states.length > 0");
  assert.deepEqual(await page.evaluate("states"), [2]);
});
