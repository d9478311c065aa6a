// What becomes of messages when the network fails in between.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { connect, fresh, next, numbers, record, until } from "./under-test.mjs";
import { startProxy } from "./proxy.mjs";
import { HEARTBEAT, shared as server, token } from "./server.mjs";

let proxy;

beforeEach(async () => {
  proxy = await startProxy(server.port);
});
afterEach(() => proxy.close());

/** A client behind the proxy that listens, and one that publishes past it. */
async function pair(t, channel, { options, subscription } = {}) {
  const reader = connect(t, proxy.url, { token: token(), heartbeatSlack: 400, ...options });
  const writer = connect(t, server.url, { token: token({ user: "bob" }) });
  const room = reader.subscribe(channel, subscription);
  await room.ready;
  const messages = record(room, "message");
  return { reader, writer, room, messages, data: () => messages.map((message) => message.data) };
}

async function publishAll(client, channel, values) {
  for (const value of values) {
    await client.publish(channel, value);
  }
}

test("a message comes with its channel, data and offset", async (t) => {
  const channel = fresh("kept");
  const { writer, room, messages } = await pair(t, channel);
  const published = await writer.publish(channel, { text: "hi", n: [1, null, "ü"] });
  await until("the message", () => messages.length === 1);
  const { receivedAt, ...message } = messages[0];
  assert.deepEqual(message, { channel, data: { text: "hi", n: [1, null, "ü"] }, offset: 1 });
  assert.ok(Math.abs(receivedAt - Date.now()) < 60_000);
  assert.equal(published.offset, 1);
  assert.deepEqual(room.position, { epoch: published.epoch, offset: 1 });
});

test("what is published while the client is away is recovered, in order and once", async (t) => {
  const channel = fresh("kept");
  const { reader, writer, room, data } = await pair(t, channel);
  const subscribed = record(room, "subscribed");
  await publishAll(writer, channel, numbers(1, 3));
  await until("three", () => data().length === 3);
  proxy.refuse();
  proxy.cut();
  await next(reader, "disconnected");
  await publishAll(writer, channel, numbers(4, 50));
  proxy.refuse(false);
  await until("fifty", () => data().length >= 50);
  await writer.publish(channel, 51);
  await until("the last", () => data().at(-1) === 51);
  assert.deepEqual(data(), numbers(1, 51));
  assert.deepEqual(subscribed.map((each) => each.recovered), [true]);
});

test("cut again and again under load, nothing is lost or doubled", async (t) => {
  const channel = fresh("kept");
  const { writer, data } = await pair(t, channel);
  const publishing = publishAll(writer, channel, numbers(1, 400));
  for (const count of [20, 100, 180, 260, 340]) {
    await until(`${count} messages`, () => data().length >= count);
    proxy.cut();
  }
  await publishing;
  await until("all", () => data().at(-1) === 400);
  assert.deepEqual(data(), numbers(1, 400));
});

test("a history that does not reach back is told as lost, not passed over", async (t) => {
  const channel = fresh("short");
  const { reader, writer, room, data } = await pair(t, channel);
  const lost = record(room, "lost");
  const lostByClient = record(reader, "lost");
  await writer.publish(channel, 1);
  await until("the first", () => data().length === 1);
  proxy.refuse();
  proxy.cut();
  await next(reader, "disconnected");
  await publishAll(writer, channel, numbers(2, 9));
  proxy.refuse(false);
  const { recovered } = await next(room, "subscribed");
  await writer.publish(channel, 10);
  await until("the next", () => data().length === 2);
  assert.equal(recovered, false);
  assert.deepEqual(data(), [1, 10]);
  assert.equal(lost.length, 1);
  assert.equal(lost[0].since.offset, 1);
  assert.equal(lost[0].position.offset, 9);
  assert.deepEqual(lostByClient, lost);
});

test("a subscription can begin at a position that the application has kept", async (t) => {
  const channel = fresh("kept");
  const writer = connect(t, server.url, { token: token() });
  const { epoch } = await writer.publish(channel, 1);
  await publishAll(writer, channel, numbers(2, 5));
  const reader = connect(t, server.url, { token: token() });
  const room = reader.subscribe(channel, { recover: { epoch, offset: 2 } });
  const messages = record(room, "message");
  assert.equal((await room.ready).recovered, true);
  await until("three", () => messages.length === 3);
  assert.deepEqual(messages.map((message) => message.data), [3, 4, 5]);
});

test("without recovery the client goes on with what is live", async (t) => {
  const channel = fresh("kept");
  const { reader, writer, room, data } = await pair(t, channel, { subscription: { recover: false } });
  proxy.refuse();
  proxy.cut();
  await next(reader, "disconnected");
  await publishAll(writer, channel, numbers(1, 3));
  proxy.refuse(false);
  assert.equal((await next(room, "subscribed")).recovered, undefined);
  await writer.publish(channel, 4);
  await until("one", () => data().length === 1);
  assert.deepEqual(data(), [4]);
});

test("a dead link is found by its silence, and what it swallowed is recovered", async (t) => {
  const channel = fresh("kept");
  const { reader, writer, data } = await pair(t, channel);
  const began = performance.now();
  proxy.stall();
  await publishAll(writer, channel, numbers(1, 3));
  const disconnect = await next(reader, "disconnected");
  const took = performance.now() - began;
  proxy.stall(false);
  await until("three", () => data().length === 3);
  assert.deepEqual([disconnect.code, disconnect.initiator, disconnect.reason], [1006, "client", "nothing came within the heartbeat"]);
  assert.ok(took < HEARTBEAT + 400 + 1500, `took ${took} ms`);
  assert.deepEqual(data(), numbers(1, 3));
});

test("a quiet link that lives is not given up", async (t) => {
  const { reader } = await pair(t, fresh("kept"));
  const disconnects = record(reader, "disconnected");
  const end = performance.now() + 4 * HEARTBEAT;
  await until("four heartbeats", () => performance.now() > end);
  assert.deepEqual(disconnects, []);
  assert.ok(reader.roundTrip >= 0);
});

test("an end of the server's half is an end", async (t) => {
  const channel = fresh("kept");
  const { reader, writer, data } = await pair(t, channel);
  const gone = next(reader, "disconnected");
  proxy.halfClose();
  assert.equal((await gone).code, 1006);
  await writer.publish(channel, 1);
  await until("the message", () => data().length === 1);
});

test("frames that come byte by byte are whole, and in order", async (t) => {
  const channel = fresh("kept");
  const { writer, data } = await pair(t, channel);
  proxy.drip = 7;
  await publishAll(writer, channel, numbers(1, 20));
  await until("twenty", () => data().length === 20);
  assert.deepEqual(data(), numbers(1, 20));
});

test("a slow network is not a dead one", async (t) => {
  const channel = fresh("kept");
  const { reader, writer, data } = await pair(t, channel);
  const disconnects = record(reader, "disconnected");
  proxy.delay = 150;
  await publishAll(writer, channel, numbers(1, 10));
  await until("ten", () => data().length === 10);
  assert.ok((await reader.ping()).roundTrip >= 290);
  assert.deepEqual(disconnects, []);
});

test("on a slow link, one channel's recovery does not cost another one its own", async (t) => {
  const rooms = [fresh(), fresh(), fresh()];
  const reader = connect(t, proxy.url, { token: token(), requestTimeout: 300, heartbeatSlack: 5000 });
  const writer = connect(t, server.url, { token: token({ user: "bob" }) });
  const subscriptions = rooms.map((channel) => reader.subscribe(channel));
  await Promise.all(subscriptions.map((room) => room.ready));
  const seen = subscriptions.map((room) => record(room, "message", "lost", "error", "gap"));
  proxy.refuse();
  proxy.cut();
  await next(reader, "disconnected");
  const large = "x".repeat(60_000);
  const count = 40;
  await Promise.all(rooms.flatMap((channel) => numbers(1, count).map(() => writer.publish(channel, large))));
  proxy.drip = 4096;
  proxy.refuse(false);
  await until("all", () => seen.every((events) => events.length >= count));
  assert.deepEqual(seen.map((events) => events.map(({ event, offset }) => (event === "message" ? offset : event))), rooms.map(() => numbers(1, count)));
});

test("more channels than the server lets a client ask for at once are all had, and all given back", async (t) => {
  const user = `many-${process.pid}`;
  const client = connect(t, proxy.url, { token: token({ user }) });
  const disconnects = record(client, "disconnected");
  const rooms = numbers(1, 400).map(() => client.subscribe(fresh("plain")));
  await Promise.all(rooms.map((room) => room.ready));
  proxy.cut();
  await next(client, "connected");
  await until("all again", () => rooms.every((room) => room.state === "subscribed"));
  rooms.forEach((room) => room.unsubscribe());
  await untilSubscriptions(user, 0);
  assert.deepEqual(disconnects.map(({ code }) => code), [1006]);
});

/** How many subscriptions the server holds for a user, once it holds so many. */
async function untilSubscriptions(user, count) {
  const headers = { Authorization: `Bearer ${token({ scope: "ops" })}` };
  const address = server.url.replace("ws:", "http:").replace("/ws", `/api/connections?query=${user}`);
  let held;
  const end = performance.now() + 20_000;
  do {
    assert.ok(performance.now() < end, `the server holds ${held}`);
    const { items } = await (await fetch(address, { headers })).json();
    held = items[0].subscriptions;
  } while (held !== count);
}

test("join and leave come from the channel, and the members can be asked for", async (t) => {
  const channel = fresh("kept");
  const { reader, room } = await pair(t, channel);
  const seen = record(room, "join", "leave");
  const guest = connect(t, server.url, { token: token({ user: "carol" }) });
  await guest.subscribe(channel).ready;
  await until("the guest", () => seen.some(({ event, user }) => event === "join" && user === "carol"));
  const { count, members } = await room.presence();
  guest.close();
  await until("that she left", () => seen.some(({ event, user }) => event === "leave" && user === "carol"));
  assert.equal(count, 2);
  assert.deepEqual(members.map(({ user }) => user).sort(), ["alice", "carol"]);
  assert.equal(reader.state, "connected");
});

test("the past can be asked for, page by page", async (t) => {
  const channel = fresh("kept");
  const { writer, room } = await pair(t, channel);
  await publishAll(writer, channel, numbers(1, 5));
  const first = await room.history({ limit: 3 });
  const rest = await room.history({ since: { epoch: first.epoch, offset: first.messages.at(-1).offset } });
  assert.deepEqual([...first.messages, ...rest.messages].map(({ data, offset }) => [data, offset]), numbers(1, 5).map((n) => [n, n]));
  await assert.rejects(room.history({ since: { epoch: "another", offset: 1 } }), { code: 110, retry: false });
});
