// Servers that the client does not understand, and closes that say whether to come back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, next, numbers, record, until } from "./under-test.mjs";
import { confirm, scripted } from "./scripted.mjs";

const NONSENSE = [
  "",
  "no json",
  "null",
  "17",
  '"text"',
  "[]",
  "[1,2]",
  "{}",
  '{"type":null}',
  '{"type":7}',
  '{"type":"message"',
  '{"type":"brand-new","channel":"c","data":1}',
  '{"type":"message","channel":"unknown","data":1}',
  '{"type":"message","channel":{"a":1},"data":1}',
  '{"type":"gap","channel":"c"}',
  '{"type":"gap","channel":"c","from":"1","to":[]}',
  '{"type":"subscribed","channel":"c","epoch":5,"offset":"x"}',
  '{"type":"welcome"}',
  '{"type":"go-away","channel":"c"}',
  '{"type":"pong","id":999999}',
  '{"type":"published","id":"foreign"}',
  '{"type":"error"}',
  '{"type":"error","code":"x","message":{}}',
  '{"type":"__proto__","__proto__":{"polluted":true}}',
  "\u0000\u0001",
];

test("nonsense and news are passed over, between messages that come", async (t) => {
  const server = await scripted(t, {
    onFrame: (socket, frame) => {
      confirm(socket, frame);
      if (frame.type === "subscribe") {
        NONSENSE.forEach((text, n) => {
          socket.say(text);
          socket.send(Buffer.from(text), { binary: true });
          socket.say({ type: "message", channel: "c", data: n, offset: n + 1, newField: [1], id: 12345 });
        });
      }
    },
  });
  const client = connect(t, server.url);
  const room = client.subscribe("c");
  const messages = record(room, "message");
  const disconnects = record(client, "disconnected");
  await until("all messages", () => messages.length === NONSENSE.length);
  assert.deepEqual(messages.map((message) => message.data), numbers(0, NONSENSE.length - 1));
  assert.deepEqual(disconnects, []);
  assert.equal({}.polluted, undefined);
});

for (const [code, comesBack] of [
  [1000, false], [1001, true], [1002, false], [1003, false], [1007, false], [1009, false], [1011, true], [1012, true],
  [4001, true], [4002, true], [4003, true], [4004, true], [4005, true], [4006, true], [4499, true],
  [4500, false], [4501, false], [4502, false], [4503, false], [4999, false],
]) {
  test(`after ${code} the client ${comesBack ? "comes back" : "stays away"}`, async (t) => {
    const server = await scripted(t, {
      onConnection: (socket) => server.connections === 1 && setImmediate(() => socket.close(code, "because")),
    });
    const client = connect(t, server.url, { baseDelay: 20 });
    const errors = record(client, "error");
    const disconnect = await next(client, "disconnected");
    assert.deepEqual([disconnect.code, disconnect.reason, disconnect.initiator, disconnect.willReconnect], [code, "because", "server", comesBack]);
    assert.equal(client.lastDisconnect, disconnect);
    if (comesBack) {
      await next(client, "connected");
      assert.equal(server.connections, 2);
    } else {
      assert.equal(client.state, "closed");
      assert.equal(server.connections, 1);
      assert.deepEqual(errors.map((error) => error.code), ["refused"]);
    }
  });
}

test("a server that takes the connection and says nothing is given up", async (t) => {
  const server = await scripted(t, { welcome: null });
  const client = connect(t, server.url, { connectTimeout: 100 });
  const disconnect = await next(client, "disconnected");
  assert.deepEqual([disconnect.reason, disconnect.initiator], ["no welcome came in time", "client"]);
  await until("another attempt", () => server.connections === 2);
});

test("a request that is not answered ends in time, and the connection lives", async (t) => {
  const server = await scripted(t);
  const client = connect(t, server.url, { requestTimeout: 100 });
  await assert.rejects(client.history("c"), { code: "timeout", retry: true });
  await assert.rejects(client.ping(), { code: "timeout" });
  assert.equal(client.state, "connected");
});

test("a hole in the offsets that no gap explains is told as a gap", async (t) => {
  const offsets = [1, 2, 2, 1, 5, 6];
  const server = await scripted(t, {
    onFrame: (socket, frame) => {
      confirm(socket, frame);
      offsets.forEach((offset) => socket.say({ type: "message", channel: "c", data: offset, offset }));
    },
  });
  const client = connect(t, server.url);
  const room = client.subscribe("c");
  const seen = record(room, "message", "gap");
  await until("the last", () => seen.at(-1)?.offset === 6);
  assert.deepEqual(seen.map(({ event, offset, from, to }) => (event === "gap" ? [from, to] : offset)), [1, 2, [3, 4], 5, 6]);
});

test("a gap is told once, and its offsets are passed", async (t) => {
  const server = await scripted(t, {
    onFrame: (socket, frame) => {
      confirm(socket, frame, { epoch: "e", offset: 9 });
      socket.say({ type: "gap", channel: "c", from: 8, to: 9 });
      socket.say({ type: "gap", channel: "c", from: 8, to: 12 });
      socket.say({ type: "message", channel: "c", data: 13, offset: 13 });
    },
  });
  const client = connect(t, server.url);
  const gapsOfClient = record(client, "gap");
  const room = client.subscribe("c");
  const seen = record(room, "message", "gap");
  await until("the message", () => seen.at(-1)?.offset === 13);
  assert.deepEqual(gapsOfClient, [{ channel: "c", from: 10, to: 12 }]);
  assert.deepEqual(seen.map(({ event }) => event), ["gap", "message"]);
  assert.deepEqual(room.position, { epoch: "e", offset: 13 });
});

test("a channel that begins anew while connected is told as lost, and goes on from there", async (t) => {
  const server = await scripted(t, {
    onFrame: (socket, frame) => {
      confirm(socket, frame, { epoch: "old", offset: 7 });
      socket.say({ type: "subscribed", channel: "c", epoch: "new", offset: 0, recovered: false });
      socket.say({ type: "message", channel: "c", data: "first", offset: 1 });
    },
  });
  const client = connect(t, server.url);
  const room = client.subscribe("c");
  const lost = record(room, "lost");
  await next(room, "message");
  assert.deepEqual(lost, [{ channel: "c", since: { epoch: "old", offset: 7 }, position: { epoch: "new", offset: 0 } }]);
  assert.deepEqual(room.position, { epoch: "new", offset: 1 });
});

test("a channel whose count goes on in another epoch has lost nothing, and the position follows", async (t) => {
  const server = await scripted(t, {
    onFrame: (socket, frame) => {
      confirm(socket, frame, { epoch: "e.1.a", offset: 7 });
      socket.say({ type: "subscribed", channel: "c", epoch: "e.2.b", offset: 7, recovered: true });
      socket.say({ type: "message", channel: "c", data: "next", offset: 8 });
    },
  });
  const client = connect(t, server.url);
  const room = client.subscribe("c");
  const told = record(room, "lost", "gap");
  await next(room, "message");
  assert.deepEqual(told, []);
  assert.deepEqual(room.position, { epoch: "e.2.b", offset: 8 });
});

test("an epoch that ends below what the client has seen of it is told as lost", async (t) => {
  const server = await scripted(t, {
    onFrame: (socket, frame) => {
      confirm(socket, frame, { epoch: "e.1.a", offset: 7 });
      socket.say({ type: "subscribed", channel: "c", epoch: "e.2.b", offset: 5, recovered: true });
      socket.say({ type: "message", channel: "c", data: "another", offset: 6 });
    },
  });
  const client = connect(t, server.url);
  const room = client.subscribe("c");
  const lost = record(room, "lost");
  await next(room, "message");
  assert.deepEqual(lost, [{ channel: "c", since: { epoch: "e.1.a", offset: 7 }, position: { epoch: "e.2.b", offset: 5 } }]);
  assert.deepEqual(room.position, { epoch: "e.2.b", offset: 6 });
});

test("a channel that has no history any more is told as lost, and subscribed to all the same", async (t) => {
  const server = await scripted(t, {
    onFrame: (socket, { type, id, channel, recover }) => {
      if (type === "subscribe" && recover) {
        socket.say({ type: "error", id, channel, code: 110, error: "unrecoverable_position", message: "no history", retry: false });
      } else if (type === "subscribe") {
        socket.say({ type: "subscribed", id, channel });
      }
    },
  });
  const client = connect(t, server.url);
  const room = client.subscribe("c", { recover: { epoch: "e", offset: 3 } });
  const lost = record(room, "lost");
  assert.equal((await room.ready).recovered, undefined);
  assert.deepEqual(lost, [{ channel: "c", since: { epoch: "e", offset: 3 } }]);
  assert.equal(room.position, null);
});

test("a subscription that the server can't give now is asked for again", async (t) => {
  let asked = 0;
  const server = await scripted(t, {
    onFrame: (socket, frame) => {
      if (++asked < 4) {
        socket.say({ type: "error", id: frame.id, channel: frame.channel, code: 109, error: "broker_unavailable", message: "away", retry: true });
      } else {
        confirm(socket, frame);
      }
    },
  });
  const client = connect(t, server.url, { baseDelay: 10 });
  const room = client.subscribe("c");
  const errors = record(room, "error");
  await room.ready;
  assert.deepEqual(errors.map(({ code, retry }) => [code, retry]), [[109, true], [109, true], [109, true]]);
});

test("one listener's fault is reported, and keeps nothing from the others", async (t) => {
  const reported = t.mock.method(console, "error", () => {});
  const server = await scripted(t, {
    onFrame: (socket, frame) => {
      confirm(socket, frame);
      socket.say({ type: "message", channel: "c", data: 1, offset: 1 });
    },
  });
  const client = connect(t, server.url);
  const room = client.subscribe("c");
  room.on("message", () => {
    throw new Error("the application's");
  });
  const messages = record(room, "message");
  await until("the message", () => messages.length === 1);
  assert.equal(reported.mock.calls[0].arguments[0].message, "the application's");
  assert.equal(client.state, "connected");
});

test("what is lost without a listener is a warning", async (t) => {
  const warned = t.mock.method(console, "warn", () => {});
  const server = await scripted(t, { onFrame: (socket, frame) => confirm(socket, frame, { epoch: "e", offset: 5, recovered: false }) });
  const client = connect(t, server.url);
  await client.subscribe("c", { recover: { epoch: "e", offset: 1 } }).ready;
  assert.match(warned.mock.calls[0].arguments[0], /messages of c were lost/);
});
