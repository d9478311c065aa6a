// Token functions that fail for a moment: in none of their ways do they end the client, nor a connection that lives.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { test } from "node:test";
import { connect, next, record, StarlingError, UnauthorizedError, until } from "./under-test.mjs";
import { shared, token } from "./server.mjs";
import { pong, virtual } from "./virtual.mjs";

const MINUTE = 60_000;
const PAGE = "<html><head><title>502 Bad Gateway</title></head></html>";

const FAULTS = {
  "an error": () => { throw new Error("away"); },
  "a rejected promise": () => Promise.reject(new Error("away")),
  "a failed fetch": () => fetch("http://127.0.0.1:1/token"),
  "the page of a proxy": () => PAGE,
  "the page of a proxy, as JSON": async () => JSON.parse(PAGE),
  "an answer that has no token": async () => ({}).token,
  "an empty text": () => "",
  "blanks": () => " \n",
  "null": () => null,
  "a number": () => 7,
  "an object": () => ({ token: "a.b.c" }),
  "the answer itself": () => new Response("a.b.c"),
  "a text that no header carries": () => "a.b.c\r\nX: y",
  "a promise that never ends": () => new Promise(() => {}),
  "a thrown text": () => { throw "away"; },
  "nothing thrown": () => { throw undefined; },
  "null thrown": () => Promise.reject(null),
  "a symbol thrown": () => { throw Symbol("away"); },
  "an object without a text": () => { throw Object.create(null); },
  "an error that cannot be read": () => { throw { get message() { throw new Error("twice"); } }; },
  "an error of the client's own": () => { throw new StarlingError("no", { code: "refused", retry: false }); },
  "a closed client": () => { throw new StarlingError("no", { code: "closed" }); },
};

const welcome = () => ({ type: "welcome", connection: "c", node: "n", heartbeat: 30_000, maxMessageBytes: 65_536, expiresIn: 10 * MINUTE, refreshIn: MINUTE });

const grant = (socket, frame) => {
  pong(socket, frame);
  if (frame.type === "refresh") {
    socket.say({ type: "refreshed", id: frame.id, expiresIn: 20 * MINUTE, refreshIn: 15 * MINUTE });
  } else if (frame.type === "subscribe") {
    socket.say({ type: "subscribed", id: frame.id, channel: frame.channel });
  }
};

for (const [name, fault] of Object.entries(FAULTS)) {
  test(`${name} in place of a token, at first, is tried again`, async (t) => {
    let calls = 0;
    const { client, clock } = virtual(t, { token: () => (++calls <= 4 ? fault() : "a.b.c"), onFrame: pong });
    const errors = record(client, "error");
    await clock.pass(5 * MINUTE);
    assert.deepEqual([client.state, calls, errors.length], ["connected", 5, 4]);
    assert.ok(errors.every((error) => error.code === "unauthorized" && error.retry && !(error instanceof UnauthorizedError)));
  });

  test(`${name} in place of a new token leaves the connection alone`, async (t) => {
    const reasons = [];
    const source = (reason) => (reasons.push(reason) > 1 && reasons.length <= 5 ? fault() : "a.b.c");
    const { client, clock, sockets } = virtual(t, { token: source, welcome, onFrame: grant });
    const errors = record(client, "error");
    const disconnects = record(client, "disconnected");
    await clock.pass(5 * MINUTE);
    assert.deepEqual(reasons, ["connect", "refresh", "refresh", "refresh", "refresh", "refresh"]);
    assert.deepEqual([client.state, sockets.length, errors.length, disconnects], ["connected", 1, 4, []]);
  });

  test(`${name} in place of a subscription's token is tried again`, async (t) => {
    let calls = 0;
    const { client, clock } = virtual(t, { onFrame: grant });
    const room = client.subscribe("c", { token: () => (++calls <= 4 ? fault() : "a.b.c") });
    const errors = record(room, "error");
    await clock.pass(5 * MINUTE);
    assert.deepEqual([room.state, calls, errors.length], ["subscribed", 5, 4]);
    assert.ok(errors.every((error) => error.code === 112 && error.retry));
  });

  test(`${name} in the midst of a move leaves the old connection alone, and the move is made`, async (t) => {
    let fails = false;
    const { client, clock, sockets } = virtual(t, { token: () => (fails ? fault() : "a.b.c"), onFrame: grant, maxRetries: 3 });
    const disconnects = record(client, "disconnected");
    await clock.pass(MINUTE);
    fails = true;
    sockets[0].say({ type: "goaway", reason: "shutdown", reconnectAfter: 1000, closeBy: 10 * MINUTE });
    await clock.pass(5 * MINUTE);
    assert.deepEqual([client.state, sockets[0].isOpen], ["connected", true]);
    fails = false;
    await clock.pass(MINUTE);
    assert.deepEqual([client.state, sockets.length, sockets[0].isOpen, disconnects], ["connected", 2, false, []]);
  });
}

for (const code of [112, 107, 109, 111, 100]) {
  test(`a new token that the server refuses with ${code} is asked for again, more and more slowly`, async (t) => {
    let calls = 0;
    const { client, clock, sockets } = virtual(t, {
      token: () => `t.${++calls}`,
      welcome,
      onFrame: (socket, frame) => {
        pong(socket, frame);
        if (frame.type === "refresh") {
          socket.say({ type: "error", id: frame.id, code, message: "expired", retry: code !== 112 });
        }
      },
    });
    await clock.pass(9 * MINUTE);
    assert.deepEqual([client.state, sockets.length], ["connected", 1]);
    assert.ok(calls > 10 && calls < 60, `${calls} calls in nine minutes`);
  });
}

test("a subscription's token function whose token was refused is asked for another one", async (t) => {
  const client = connect(t, shared.url, { token: token() });
  let calls = 0;
  const room = client.subscribe("private:again", {
    token: async () => token({ channels: ["private:*"], seconds: ++calls === 1 ? -600 : 60 }),
  });
  const errors = record(room, "error");
  await room.ready;
  assert.deepEqual([calls, errors.map(({ code, retry }) => [code, retry])], [2, [[112, true]]]);
});

test("a cached token that has expired is asked for again, with a real server", async (t) => {
  const reasons = [];
  const source = (reason) => (reasons.push(reason) < 4 ? token({ seconds: -600 }) : token());
  const client = connect(t, shared.url, { token: source });
  await next(client, "connected");
  assert.deepEqual(reasons, ["connect", "refused", "refused", "refused"]);
});

test("a token endpoint behind a proxy that answers with 502 ends nothing", async (t) => {
  let answers = 0;
  const endpoint = createServer((request, response) => {
    const good = [1, 4].includes(++answers) || answers > 5;
    response.writeHead(good ? 200 : 502, { "Content-Type": good ? "text/plain" : "text/html" });
    response.end(good ? token({ seconds: 3 }) : PAGE);
  }).listen(0, "127.0.0.1");
  await once(endpoint, "listening");
  t.after(() => endpoint.close());
  const address = `http://127.0.0.1:${endpoint.address().port}/token`;
  const client = connect(t, shared.url, { token: () => fetch(address).then((answer) => answer.text()) }); // as careless as can be
  const errors = record(client, "error");
  await next(client, "connected");
  await until("a new token after failures", () => answers >= 7 && client.state === "connected");
  assert.ok(errors.length >= 3 && errors.every(({ retry }) => retry), `${errors}`);
});
