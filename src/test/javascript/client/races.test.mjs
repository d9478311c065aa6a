// What happens at one and the same time, and what listeners do in the midst of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, settle } from "./fake-clock.mjs";
import { confirm, scripted } from "./scripted.mjs";
import { connect, next, numbers, record, Starling, until, UnauthorizedError } from "./under-test.mjs";

const GOAWAY = { type: "goaway", reason: "shutdown", reconnectAfter: 0, closeBy: 5000 };

const frames = (socket, type) => socket.heard.filter((frame) => frame.type === type);

/** Lets everything come that is on its way: the answers to a question and all before it. */
async function exchanged(client) {
  await client.ping().catch(() => {});
}

const answerPing = (socket, { type, id }) => type === "ping" && socket.say({ type: "pong", id, ts: 1 });

test("closed by a listener, the client stays closed", async (t) => {
  const server = await scripted(t, { onConnection: (socket) => socket.say(GOAWAY) });
  for (const event of ["goaway", "connected", "state"]) {
    const clock = new FakeClock();
    const client = connect(t, server.url, { clock });
    client.on(event, () => client.close());
    await until(`${event}`, () => client.state === "closed");
    await settle();
    assert.equal(clock.pending, 0, event);
  }
  const clock = new FakeClock();
  const failing = connect(t, server.url, { clock, token: () => Promise.reject(new Error("not now")) });
  failing.on("error", () => failing.close());
  await until("the failure", () => failing.state === "closed");
  await settle();
  assert.equal(clock.pending, 0);
  const connections = server.connections;
  await until("that all are gone", () => server.sockets.every((socket) => socket.readyState === 3));
  assert.equal(server.connections, connections);
});

test("closed by a listener of connected in the midst of a move, nothing is left", async (t) => {
  const server = await scripted(t);
  const clock = new FakeClock();
  const client = connect(t, server.url, { clock });
  await next(client, "connected");
  server.sockets[0].say(GOAWAY);
  await next(client, "goaway");
  client.on("connected", () => client.close());
  await clock.step();
  await until("the end", () => client.state === "closed");
  await until("that both are gone", () => server.sockets.length === 2 && server.sockets.every((socket) => socket.readyState === 3));
  assert.equal(clock.pending, 0);
});

test("a late answer to something else does not end a subscription", async (t) => {
  const server = await scripted(t, { onFrame: (socket, frame) => confirm(socket, frame) });
  const client = connect(t, server.url, { requestTimeout: 50 });
  const room = client.subscribe("c");
  await room.ready;
  await assert.rejects(room.presence(), { code: "timeout" });
  const [{ id }] = frames(server.sockets[0], "presence");
  server.sockets[0].say({ type: "error", id, channel: "c", code: 105, error: "forbidden", message: "late", retry: false });
  server.sockets[0].say({ type: "message", channel: "c", data: 1, offset: 1 });
  await next(room, "message");
  assert.equal(room.state, "subscribed");
});

test("a subscription that is made while the client connects is asked for once", async (t) => {
  const server = await scripted(t, { onFrame: (socket, frame) => confirm(socket, frame) || answerPing(socket, frame) });
  const client = connect(t, server.url);
  let room;
  client.on("state", () => (room ??= client.subscribe("c")));
  client.on("connected", () => client.subscribe("d"));
  await next(client, "connected");
  await room.ready;
  await exchanged(client);
  assert.deepEqual(frames(server.sockets[0], "subscribe").map((frame) => frame.channel), ["c", "d"]);
});

test("ended by a listener of error, it is not asked for again", async (t) => {
  const refusal = { type: "error", channel: "c", code: 109, error: "broker_unavailable", message: "away", retry: true };
  const server = await scripted(t, { onFrame: (socket, { type, id }) => type === "subscribe" && socket.say({ ...refusal, id }) });
  const clock = new FakeClock();
  const client = connect(t, server.url, { clock });
  const room = client.subscribe("c");
  room.on("error", () => room.unsubscribe());
  await assert.rejects(room.ready, { code: "closed" });
  client.close();
  await settle();
  assert.equal(clock.pending, 0);
  assert.equal(frames(server.sockets[0], "subscribe").length, 1);
});

test("a subscription that was ended before its turn came is not left at the server", async (t) => {
  let refused = 0;
  const server = await scripted(t, {
    onFrame: (socket, { type, id, channel }) => {
      if (type === "subscribe" && ++refused <= 16) {
        socket.say({ type: "error", id, code: 107, error: "rate_limited", message: "slowly", retry: true, retryAfter: 5 });
      } else if (type === "subscribe") {
        socket.say({ type: "subscribed", id, channel });
      }
    },
  });
  const client = connect(t, server.url);
  await next(client, "connected");
  const rooms = numbers(1, 30).map((n) => client.subscribe(`c${n}`));
  const kept = rooms.pop();
  rooms.forEach((room) => room.unsubscribe());
  await kept.ready;
  const subscribed = new Set();
  for (const { type, channel } of server.sockets[0].heard.slice(16)) {
    subscribed[type === "subscribe" ? "add" : "delete"](channel);
  }
  assert.deepEqual([...subscribed], ["c30"]);
});

test("in a move, a channel that the new node can't give yet stays with the old one", async (t) => {
  let refused = 0;
  const server = await scripted(t, {
    onFrame: (socket, frame) => {
      if (frame.type === "subscribe" && socket.n === 2 && ++refused === 1) {
        socket.say({ type: "error", id: frame.id, channel: "c", code: 109, error: "broker_unavailable", message: "away", retry: true, retryAfter: 600 });
      } else {
        answerPing(socket, frame);
        confirm(socket, frame, {});
      }
    },
  });
  const client = connect(t, server.url);
  const room = client.subscribe("c");
  const messages = record(room, "message");
  await room.ready;
  const [old] = server.sockets;
  let sent = 0;
  const talk = setInterval(() => old.readyState === 1 && old.say({ type: "message", channel: "c", data: ++sent }), 20);
  t.after(() => clearInterval(talk));
  old.say(GOAWAY);
  await next(room, "subscribed");
  const sentBefore = sent;
  await until("that the old one is left", () => old.readyState === 3);
  assert.ok(sentBefore >= 10, `${sentBefore} in 600 ms`);
  assert.deepEqual(messages.map(({ data }) => data).slice(0, sentBefore), numbers(1, sentBefore));
});

test("two moves in a row leave no connection before its channels have come over", async (t) => {
  const server = await scripted(t, { onFrame: (socket, frame) => answerPing(socket, frame) || (socket.n !== 2 && confirm(socket, frame, {})) });
  const client = connect(t, server.url);
  const room = client.subscribe("c");
  const messages = record(room, "message");
  await room.ready;
  server.sockets[0].say(GOAWAY);
  await next(client, "connected");
  server.sockets[1].say({ ...GOAWAY, reconnectAfter: 400 });
  const end = performance.now() + 350;
  await until("some time on the first", () => performance.now() > end);
  server.sockets[0].say({ type: "message", channel: "c", data: "first node" });
  await next(client, "connected");
  await until("that the first is left", () => server.sockets[0].readyState === 3);
  server.sockets[2].say({ type: "message", channel: "c", data: "third node" });
  await until("both", () => messages.length === 2);
  assert.deepEqual(messages.map(({ data }) => data), ["first node", "third node"]);
});

test("in a move, publishes keep their order", async (t) => {
  const order = [];
  const server = await scripted(t, {
    onFrame: (socket, { type, id, data }) => {
      if (type === "publish") {
        setTimeout(() => {
          order.push(data);
          socket.say({ type: "published", id, channel: "c" });
        }, socket.n === 1 ? 200 : 0);
      }
    },
  });
  const client = connect(t, server.url);
  await next(client, "connected");
  const publishing = numbers(1, 3).map((n) => client.publish("c", n));
  server.sockets[0].say(GOAWAY);
  await next(client, "connected");
  publishing.push(...numbers(4, 6).map((n) => client.publish("c", n)));
  await Promise.all(publishing);
  assert.deepEqual(order, numbers(1, 6));
});

test("a refresh that the old connection answers late does not keep the new one from its own", async (t) => {
  const welcome = { type: "welcome", connection: "c", node: "n", heartbeat: 30_000, maxMessageBytes: 65_536, expiresIn: 1000, refreshIn: 100 };
  const server = await scripted(t, {
    welcome,
    onFrame: (socket, { type, id }) => {
      if (type === "refresh" && socket.n === 1) {
        setTimeout(() => socket.say({ type: "refreshed", id, expiresIn: 1000, refreshIn: 60_000 }), 150);
      } else if (type === "refresh") {
        socket.say({ type: "refreshed", id, expiresIn: 1000, refreshIn: 60_000 });
      }
    },
  });
  const client = connect(t, server.url, { token: () => "a.b.c" });
  await next(client, "connected");
  await until("a refresh on the first", () => frames(server.sockets[0], "refresh").length === 1);
  server.sockets[0].say(GOAWAY);
  await next(client, "connected");
  await until("a refresh on the second", () => frames(server.sockets[1], "refresh").length === 1);
});

test("a token that never comes is a failed attempt", async (t) => {
  const server = await scripted(t);
  let calls = 0;
  const client = connect(t, server.url, { connectTimeout: 50, token: () => (++calls < 3 ? new Promise(() => {}) : "a.b.c") });
  const errors = record(client, "error");
  await next(client, "connected");
  assert.deepEqual(errors.map(({ message, retry }) => [message, retry]), [
    ["no token: it did not come in time", true],
    ["no token: it did not come in time", true],
  ]);
});

for (const thrown of [undefined, null, new Error("the issuer is away"), new UnauthorizedError("signed out")]) {
  test(`a subscription's token function may fail with ${thrown}`, async (t) => {
    const server = await scripted(t, { onFrame: (socket, frame) => confirm(socket, frame) });
    const client = connect(t, server.url);
    let calls = 0;
    const room = client.subscribe("c", { token: () => (++calls === 1 ? Promise.reject(thrown) : "a.b.c") });
    const errors = record(room, "error");
    if (thrown instanceof UnauthorizedError) {
      await assert.rejects(room.ready, { code: 112, message: "signed out" });
    } else {
      await room.ready;
    }
    assert.deepEqual(errors.map(({ code }) => code), [112]);
  });
}

test("a runtime that allows no WebSocket is an error, not a crash", async () => {
  class Forbidden {
    constructor() {
      throw new Error("the page's policy");
    }
  }
  const clock = new FakeClock();
  const client = new Starling("ws://nowhere/ws", { clock, WebSocket: Forbidden });
  const error = await next(client, "error");
  assert.deepEqual([error.code, error.message, client.state], ["invalid_argument", "the page's policy", "closed"]);
  assert.equal(client.lastDisconnect.willReconnect, false);
  assert.equal(clock.pending, 0);
});

test("connections that do not last count against maxRetries", async (t) => {
  const server = await scripted(t, { onConnection: (socket) => setImmediate(() => socket.close(1011)) });
  // How long a connection has to last is a multiple of the first delay.
  const client = connect(t, server.url, { baseDelay: 300, maxDelay: 300, maxRetries: 2 });
  const { code } = await next(client, "error");
  assert.deepEqual([code, client.state, server.connections], ["connection_lost", "closed", 3]);
});
