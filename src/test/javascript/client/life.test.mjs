// From the first attempt to the end: what the application sees, what the server's wishes do, and what is left behind.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { FakeClock, settle } from "./fake-clock.mjs";
import { connect, next, record, SOURCE, Starling, until, WebSocket } from "./under-test.mjs";
import { startProxy } from "./proxy.mjs";
import { HEARTBEAT, MOST_PER_USER, shared as server, token } from "./server.mjs";

test("the states follow one another", async (t) => {
  const proxy = await startProxy(server.port);
  t.after(() => proxy.close());
  const client = connect(t, proxy.url, { token: token() });
  const states = record(client, "state");
  assert.equal(client.state, "connecting");
  const { node, heartbeat } = await next(client, "connected");
  assert.equal(client.welcome.node, node);
  assert.equal(heartbeat, HEARTBEAT);
  proxy.cut();
  await next(client, "connected");
  client.close();
  assert.deepEqual(states.map(({ state }) => state), ["connected", "waiting", "connecting", "connected", "closed"]);
  assert.equal(client.welcome, null);
});

test("the wait that the server asks for is kept, but a page that is seen again does not wait for it", async (t) => {
  const page = new EventTarget();
  globalThis.document = Object.assign(page, { visibilityState: "visible" });
  t.after(() => delete globalThis.document);
  const crowd = token({ user: "crowd" });
  const others = Array.from({ length: MOST_PER_USER }, () => connect(t, server.url, { token: crowd }));
  await until("all connections that the user may have", () => others.every(({ state }) => state === "connected"));
  const client = connect(t, server.url, { token: crowd, baseDelay: 1, maxDelay: 1 });
  const disconnect = await next(client, "disconnected");
  assert.deepEqual([disconnect.status, disconnect.refusal, disconnect.initiator], [429, "user_limit", "network"]);
  assert.ok(disconnect.retryIn >= 10_000, `${disconnect.retryIn}`);
  others[0].close();
  const end = performance.now() + 1500;
  await until("longer than the client's own wait", () => performance.now() > end);
  assert.equal(client.state, "waiting");
  page.dispatchEvent(new Event("visibilitychange"));
  await next(client, "connected");
  assert.ok(performance.now() - end < 5000);
});

test("a page that is seen again does not wait", async (t) => {
  const page = new EventTarget();
  globalThis.document = Object.assign(page, { visibilityState: "hidden" });
  t.after(() => delete globalThis.document);
  const proxy = await startProxy(server.port);
  t.after(() => proxy.close());
  const client = connect(t, proxy.url, { token: token(), baseDelay: 600_000, maxDelay: 600_000, random: () => 1 });
  await next(client, "connected");
  proxy.cut();
  await next(client, "disconnected");
  page.dispatchEvent(new Event("visibilitychange"));
  assert.equal(client.state, "waiting");
  page.visibilityState = "visible";
  page.dispatchEvent(new Event("visibilitychange"));
  await next(client, "connected");
});

test("a page that is seen again finds out that its link has died meanwhile", async (t) => {
  const page = new EventTarget();
  globalThis.document = Object.assign(page, { visibilityState: "visible" });
  t.after(() => delete globalThis.document);
  const proxy = await startProxy(server.port);
  t.after(() => proxy.close());
  const client = connect(t, proxy.url, { token: token(), heartbeatSlack: 100 });
  await next(client, "connected");
  proxy.stall();
  page.dispatchEvent(new Event("visibilitychange"));
  assert.equal((await next(client, "disconnected")).initiator, "client");
  proxy.stall(false);
  await next(client, "connected");
});

test("subscribing twice is one subscription, and it can be had anew when it has ended", async (t) => {
  const client = connect(t, server.url, { token: token() });
  const room = client.subscribe("kept:twice");
  assert.equal(client.subscribe("kept:twice"), room);
  await room.ready;
  room.unsubscribe();
  room.unsubscribe();
  assert.equal(room.state, "ended");
  const again = client.subscribe("kept:twice");
  assert.notEqual(again, room);
  const messages = record(again, "message");
  const late = record(room, "message");
  await again.ready;
  await client.publish("kept:twice", 1);
  await until("the message", () => messages.length === 1);
  assert.deepEqual(late, []);
});

test("what was ended while the client was away is not subscribed to again", async (t) => {
  const proxy = await startProxy(server.port);
  t.after(() => proxy.close());
  const client = connect(t, proxy.url, { token: token() });
  const room = client.subscribe("kept:ended");
  const other = client.subscribe("kept:other");
  await Promise.all([room.ready, other.ready]);
  proxy.cut();
  await next(client, "disconnected");
  room.unsubscribe();
  await next(other, "subscribed");
  assert.equal((await client.presence("kept:ended")).count, 0);
});

test("a listener that was taken away hears nothing", async (t) => {
  const client = connect(t, server.url, { token: token() });
  const room = client.subscribe("kept:listeners");
  const heard = [];
  const listener = ({ data }) => heard.push(data);
  const off = room.on("message", listener);
  room.on("message", listener);
  await room.ready;
  off();
  await client.publish("kept:listeners", 1);
  await client.ping();
  assert.deepEqual(heard, []);
});

test("wrong arguments are TypeErrors that name them", () => {
  const options = { WebSocket };
  assert.throws(() => new Starling("ftp://host/", options), { name: "TypeError" });
  assert.throws(() => new Starling("ws://host/ws", { ...options, baseDelay: 0 }), /baseDelay/);
  assert.throws(() => new Starling("ws://host/ws", { ...options, maxDelay: NaN }), /maxDelay/);
  assert.throws(() => new Starling("ws://host/ws", { ...options, overflow: "explode" }), /overflow/);
  assert.throws(() => new Starling("ws://host/ws", { ...options, token: 7 }), /token/);
  if (!globalThis.WebSocket) {
    assert.throws(() => new Starling("ws://host/ws"), /package ws/);
  }
});

const SCRIPT = `
  const { Starling } = await import(process.argv[1]);
  const { WebSocket } = await import("ws");
  const client = new Starling(process.argv[2], { token: process.argv[3], WebSocket });
  const room = client.subscribe("kept:exit");
  await room.ready;
  await client.publish("kept:exit", 1);
  client.publish("kept:exit", 2).catch(() => {});
  client.history("kept:exit").catch(() => {});
  client.close();
`;

test("a program that closes its client ends by itself", async () => {
  const program = spawn(process.execPath, ["--input-type=module", "-e", SCRIPT, SOURCE, server.url, token()], { stdio: ["ignore", "inherit", "inherit"] });
  const [status] = await once(program, "exit", { signal: AbortSignal.timeout(10_000) });
  assert.equal(status, 0);
});

for (const stage of ["connecting", "connected", "waiting"]) {
  test(`closed while ${stage}, no timer and no listener is left`, async (t) => {
    const listeners = new Set();
    globalThis.document = {
      addEventListener: (event, listener) => listeners.add(listener),
      removeEventListener: (event, listener) => listeners.delete(listener),
    };
    t.after(() => delete globalThis.document);
    const clock = new FakeClock();
    const url = stage === "waiting" ? "ws://127.0.0.1:1/ws" : server.url;
    const client = connect(t, url, { token: () => token(), clock });
    const outcomes = Promise.allSettled([client.subscribe("kept:stage").ready, client.publish("kept:stage", 1), client.history("kept:stage")]);
    if (stage !== "connecting") {
      await next(client, "state", ({ state }) => state === stage);
    }
    assert.ok(clock.pending > 0);
    assert.ok(listeners.size > 0);
    client.close();
    await outcomes;
    await settle();
    assert.equal(client.state, "closed");
    assert.equal(clock.pending, 0);
    assert.equal(listeners.size, 0);
  });
}
