// Channels without history: no position tells what did not come, so the client says when something may not have.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startProxy } from "./proxy.mjs";
import { shared, token } from "./server.mjs";
import { connect, fresh, next, numbers, record, until } from "./under-test.mjs";
import { pong, virtual } from "./virtual.mjs";

const GOAWAY = { type: "goaway", reason: "shutdown", reconnectAfter: 1000, closeBy: 3000 };

const subscribed = ({ id, channel }) => ({ type: "subscribed", id, channel });

/** A client that is subscribed on its first connection; on the next ones, `answer` says what a `subscribe` gets. */
async function moving(t, answer, options = {}) {
  const parts = virtual(t, {
    onFrame: (socket, frame) => {
      pong(socket, frame);
      if (frame.type === "subscribe") {
        socket.n === 1 ? socket.say(subscribed(frame)) : answer(socket, frame);
      }
    },
  });
  const room = parts.client.subscribe("plain", options);
  const lost = record(room, "lost");
  const lostByClient = record(parts.client, "lost");
  await parts.clock.pass(60_000);
  assert.equal(room.state, "subscribed");
  return { ...parts, room, lost, lostByClient };
}

test("a move that is complete before the old connection ends loses nothing, and tells of nothing", async (t) => {
  const { clock, sockets, lost } = await moving(t, (socket, frame) => socket.say(subscribed(frame)));
  sockets[0].say(GOAWAY);
  await clock.pass(10_000);
  assert.deepEqual([sockets.length, sockets[0].isOpen, lost], [2, false, []]);
});

test("the old connection is kept as long as its node keeps it, whatever it said, until all has come over", async (t) => {
  let waiting;
  const { clock, sockets, lost, room } = await moving(t, (socket, frame) => {
    waiting = () => socket.say(subscribed(frame));
  });
  const messages = record(room, "message");
  sockets[0].say(GOAWAY);
  await clock.pass(60_000);
  sockets[0].say({ type: "message", channel: "plain", data: "late" });
  assert.deepEqual([sockets.length, sockets[0].isOpen], [2, true]);
  waiting();
  await clock.pass(10_000);
  assert.equal(sockets[0].isOpen, false);
  assert.deepEqual([messages.map(({ data }) => data), lost], [["late"], []]);
});

test("what an old connection still brings is read before it is left", async (t) => {
  const parts = virtual(t, {
    onFrame: (socket, frame) => {
      if (frame.type === "ping" && socket.n === 1) {
        setImmediate(() => {
          socket.say({ type: "message", channel: "plain", data: "late" });
          pong(socket, frame);
        });
      } else {
        pong(socket, frame);
      }
      if (frame.type === "subscribe") {
        socket.say(subscribed(frame));
      }
    },
  });
  const messages = record(parts.client.subscribe("plain"), "message");
  await parts.clock.pass(29_000);
  parts.sockets[0].say({ ...GOAWAY, reconnectAfter: 0 });
  await parts.clock.pass(900);
  assert.deepEqual([parts.sockets[0].isOpen, messages.map(({ data }) => data)], [false, ["late"]]);
});

for (const [name, end] of [["closes", (socket) => socket.drop(1001, "Server shutting down")], ["dies", (socket) => socket.drop(1006)]]) {
  test(`a node that ${name} before the move is complete has the client tell of it`, async (t) => {
    let waiting;
    const { clock, sockets, lost, lostByClient } = await moving(t, (socket, frame) => {
      waiting = () => socket.say(subscribed(frame));
    });
    sockets[0].say(GOAWAY);
    await clock.pass(2000);
    assert.equal(sockets.length, 2);
    end(sockets[0]);
    await clock.pass(1000);
    assert.deepEqual(lost, []);
    waiting();
    await clock.pass(1000);
    const told = [{ channel: "plain", since: undefined, position: undefined }];
    assert.deepEqual([lost, lostByClient], [told, told]);
  });
}

test("a node that goes just when the channels have come over may have had more to say", async (t) => {
  for (const [wait, told] of [[100, 1], [2000, 0]]) {
    const { clock, sockets, lost } = await moving(t, (socket, frame) => socket.say(subscribed(frame)));
    sockets[0].say(GOAWAY);
    await clock.pass(GOAWAY.reconnectAfter + wait);
    assert.equal(sockets[0].isOpen, told === 1);
    if (sockets[0].isOpen) {
      sockets[0].drop(1001);
    }
    await clock.pass(10_000);
    assert.deepEqual(lost, Array(told).fill({ channel: "plain" }));
  }
});

test("also where the new node refuses at first", async (t) => {
  let refusals = 3;
  const { clock, sockets, lost } = await moving(t, (socket, frame) => {
    const away = { type: "error", id: frame.id, channel: "plain", code: 109, error: "broker_unavailable", message: "away", retry: true };
    socket.say(refusals-- > 0 ? { ...away, retryAfter: 5000 } : subscribed(frame));
  });
  sockets[0].say(GOAWAY);
  await clock.pass(7000);
  assert.ok(sockets[0].isOpen);
  sockets[0].drop(1001);
  await clock.pass(60_000);
  assert.deepEqual(lost.map(({ channel }) => channel), ["plain"]);
});

test("and where no new connection comes before the old one ends", async (t) => {
  const { clock, sockets, lost } = await moving(t, (socket, frame) => socket.say(subscribed(frame)));
  sockets[0].say({ ...GOAWAY, reconnectAfter: 20_000 });
  await clock.pass(100);
  sockets[0].drop(1001);
  await clock.pass(60_000);
  assert.deepEqual(lost.map(({ channel }) => channel), ["plain"]);
});

test("an application that does not want to recover is not told", async (t) => {
  const { clock, sockets, lost, room } = await moving(t, (socket, frame) => socket.say(subscribed(frame)), { recover: false });
  sockets[0].drop(1006);
  await clock.pass(60_000);
  assert.deepEqual([room.state, lost], ["subscribed", []]);
});

test("a subscription that the server interrupts is told of, too", async (t) => {
  const { clock, client, sockets, lost, room } = await moving(t, (socket, frame) => socket.say(subscribed(frame)));
  sockets[0].say({ type: "error", channel: "plain", code: 109, error: "broker_unavailable", message: "away", retry: true });
  await clock.pass(60_000);
  assert.deepEqual([client.state, room.state, lost.length], ["connected", "subscribed", 1]);
});

test("with a real server: each number that did not come is between two that a lost separates", async (t) => {
  const proxy = await startProxy(shared.port);
  t.after(() => proxy.close());
  const warned = t.mock.method(console, "warn", () => {});
  const reader = connect(t, proxy.url, { token: token({ user: "missed" }) });
  const writer = connect(t, shared.url, { token: token({ user: "bob" }) });
  const room = reader.subscribe(fresh("plain"));
  const unheard = reader.subscribe(fresh("plain"));
  const seen = record(room, "message", "lost");
  await Promise.all([room.ready, unheard.ready]);
  for (const n of numbers(1, 60)) {
    if (n % 20 === 0) {
      proxy.cut();
    }
    await writer.publish(room.channel, n);
  }
  await until("that it is back", () => room.state === "subscribed" && reader.state === "connected");
  await reader.ping();
  await writer.publish(room.channel, "last");
  await until("the last", () => seen.at(-1).data === "last");
  let before = 0;
  let told = false;
  for (const { event, data } of seen.slice(0, -1)) {
    if (event === "message") {
      assert.ok(data === before + 1 || told, `${before} and ${data}, and nothing was told`);
      before = data;
    }
    told = event === "lost";
  }
  assert.ok(seen.some(({ event, channel }) => event === "lost" && channel === room.channel));
  assert.equal(warned.mock.callCount(), 0, "that something may be missing is no warning");
});
