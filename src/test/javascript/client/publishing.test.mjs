// What becomes of publishes when there is no connection, no answer, or too many of them.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { connect, fresh, next, numbers, record, until } from "./under-test.mjs";
import { startProxy } from "./proxy.mjs";
import { shared as server, token } from "./server.mjs";

let proxy;

beforeEach(async () => {
  proxy = await startProxy(server.port);
});
afterEach(() => proxy.close());

/** All that the channel keeps. */
async function kept(t, channel) {
  const { messages } = await connect(t, server.url, { token: token() }).history(channel);
  return messages.map((message) => message.data);
}

test("what is published without a connection goes out when there is one, in order", async (t) => {
  const channel = fresh();
  proxy.refuse();
  const client = connect(t, proxy.url, { token: token() });
  const publishing = numbers(1, 60).map((n) => client.publish(channel, n));
  assert.equal(client.queuedPublishes, 60);
  await next(client, "disconnected");
  proxy.refuse(false);
  const published = await Promise.all(publishing);
  assert.deepEqual(published.map((each) => each.offset), numbers(1, 60));
  assert.deepEqual(await kept(t, channel), numbers(1, 60));
  assert.equal(client.queuedPublishes, 0);
});

test("a publish whose answer was lost is sent again, and is one message", async (t) => {
  const channel = fresh();
  const client = connect(t, proxy.url, { token: token() });
  const watcher = connect(t, server.url, { token: token({ user: "bob" }) });
  const room = watcher.subscribe(channel);
  const seen = record(room, "message");
  await Promise.all([room.ready, next(client, "connected")]);
  for (const n of numbers(1, 10)) {
    proxy.delay = 60; // so that the cut comes between the message and its answer
    const publishing = client.publish(channel, n);
    await until("that the server has it", () => seen.length >= n);
    proxy.cut();
    proxy.delay = 0;
    assert.equal((await publishing).offset, n);
  }
  assert.deepEqual(await kept(t, channel), numbers(1, 10));
});

test("a key of the application's own makes two calls one message", async (t) => {
  const channel = fresh();
  const client = connect(t, server.url, { token: token() });
  const first = await client.publish(channel, 1, { key: "order-4711" });
  assert.deepEqual(await client.publish(channel, 1, { key: "order-4711" }), first);
  assert.deepEqual(await kept(t, channel), [1]);
});

test("a full queue rejects what comes", async (t) => {
  proxy.refuse();
  const client = connect(t, proxy.url, { token: token(), maxQueuedPublishes: 3 });
  const channel = fresh();
  const held = numbers(1, 3).map((n) => client.publish(channel, n));
  await assert.rejects(client.publish(channel, 4), { code: "queue_full", retry: true, channel });
  proxy.refuse(false);
  await Promise.all(held);
  assert.deepEqual(await kept(t, channel), [1, 2, 3]);
});

test("or gives up the oldest, if it is told to", async (t) => {
  proxy.refuse();
  const client = connect(t, proxy.url, { token: token(), maxQueuedPublishes: 3, overflow: "drop-oldest" });
  const channel = fresh();
  const outcomes = Promise.allSettled(numbers(1, 5).map((n) => client.publish(channel, n)));
  assert.equal(client.queuedPublishes, 3);
  proxy.refuse(false);
  assert.deepEqual((await outcomes).map(({ status, reason }) => reason?.code ?? status), [
    "queue_full",
    "queue_full",
    "fulfilled",
    "fulfilled",
    "fulfilled",
  ]);
  assert.deepEqual(await kept(t, channel), [3, 4, 5]);
});

test("a promise ends in time although nobody answers", async (t) => {
  const client = connect(t, proxy.url, { token: token(), publishTimeout: 300 });
  await next(client, "connected");
  proxy.stall();
  const began = performance.now();
  await assert.rejects(client.publish(fresh(), 1), { code: "timeout", retry: true });
  await assert.rejects(client.publish(fresh(), 1, { timeout: 50 }), { code: "timeout" });
  assert.ok(performance.now() - began < 2000);
  assert.equal(client.queuedPublishes, 0);
});

test("what the server does not allow is rejected with its code", async (t) => {
  const client = connect(t, server.url, { token: token() });
  await assert.rejects(client.publish("nobody's", 1), { name: "StarlingError", code: 105, retry: false, channel: "nobody's" });
  await assert.rejects(client.publish("with space", 1), { code: 102, retry: false });
});

test("more than the server lets through at once is only slower", async (t) => {
  const channel = fresh();
  const client = connect(t, server.url, { token: token() });
  const disconnects = record(client, "disconnected");
  const count = 900;
  const published = await Promise.all(numbers(1, count).map((n) => client.publish(channel, n)));
  assert.deepEqual(published.map((each) => each.offset).sort((a, b) => a - b), numbers(1, count));
  assert.deepEqual(disconnects, []);
});

test("a message that the server would close for is not sent", async (t) => {
  const client = connect(t, server.url, { token: token() });
  await next(client, "connected");
  const disconnects = record(client, "disconnected");
  const most = client.welcome.maxMessageBytes;
  await assert.rejects(client.publish(fresh(), "ü".repeat(most / 2)), { code: 108, retry: false });
  await client.publish(fresh(), "u".repeat(most - 200));
  assert.deepEqual(disconnects, []);
});

test("what is no JSON is rejected, and the caller's object may change afterwards", async (t) => {
  const channel = fresh();
  const client = connect(t, server.url, { token: token() });
  await assert.rejects(client.publish(channel, undefined), { code: "invalid_argument" });
  await assert.rejects(client.publish(channel, 1n), TypeError);
  await assert.rejects(client.publish("", 1), TypeError);
  const order = { state: "new" };
  const publishing = client.publish(channel, order);
  order.state = "changed";
  await publishing;
  assert.deepEqual(await kept(t, channel), [{ state: "new" }]);
});

test("closing rejects what waits", async (t) => {
  proxy.refuse();
  const client = connect(t, proxy.url, { token: token() });
  const outcomes = Promise.allSettled([client.publish(fresh(), 1), client.history(fresh()), client.ping()]);
  client.close();
  assert.deepEqual((await outcomes).map(({ reason }) => reason.code), ["closed", "closed", "closed"]);
  await assert.rejects(client.publish(fresh(), 1), { code: "closed" });
  assert.throws(() => client.subscribe(fresh()), { code: "closed" });
});
