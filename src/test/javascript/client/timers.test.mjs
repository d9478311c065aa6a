// Waits that the server asks for: too short, too long, and not numbers. None may make the client busy, and none may keep it away.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, next, numbers, record, until } from "./under-test.mjs";
import { shared, startServer, token } from "./server.mjs";
import { pong, virtual } from "./virtual.mjs";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** As JSON: some are numbers that JavaScript does not have, or strings that it would take for numbers. */
const TOO_SHORT = ["0", "-1", "-0", "-1e999", "1e-9", "1", "0.5", "999"];
const TOO_LONG = ["1e999", "1e12", "2147483648", "4294967297", "99999999999", "1e308"];
const NONSENSE = ["null", '"0"', '"1"', '""', "[]", "[1]", "{}", "true", "false"];

const welcome = (fields) => () => `{"type":"welcome","connection":"c","node":"n","heartbeat":30000,"maxMessageBytes":65536,${fields}}`;
const times = (socket, type) => socket.heard.filter((frame) => frame.type === type).length;

for (const wish of [...TOO_SHORT, ...NONSENSE]) {
  test(`refreshIn ${wish} does not make the client busy`, async (t) => {
    let calls = 0;
    const fields = `"expiresIn":${wish},"refreshIn":${wish}`;
    const { client, clock, sockets } = virtual(t, {
      token: () => `t.${++calls}`,
      welcome: welcome(fields),
      onFrame: (socket, frame) => pong(socket, frame) ?? (frame.type === "refresh" && socket.say(`{"type":"refreshed","id":${frame.id},${fields}}`)),
    });
    await clock.pass(10 * MINUTE);
    assert.deepEqual([client.state, sockets.length], ["connected", 1]);
    assert.ok(calls <= 60, `${calls} tokens in ten minutes`);
  });
}

for (const life of [1, 2, 6, 20, 100, 3600].map((seconds) => seconds * SECOND)) {
  for (const grace of [0, 25 * SECOND, Infinity]) {
    test(`a cached token with ${life} ms to live, and ${grace} ms of grace, is not fetched again and again`, async (t) => {
      const calls = [];
      const left = (clock) => Math.max(0, life - clock.now());
      const told = (clock) => ({ expiresIn: left(clock), refreshIn: Math.floor(left(clock) * 0.8) });
      const { clock } = virtual(t, {
        token: () => calls.push(clock.now()) && "a.b.c",
        welcome: (at) => ({ type: "welcome", connection: "c", node: "n", heartbeat: 30_000, maxMessageBytes: 65_536, ...told(at) }),
        answer: (at) => (at.now() > life + grace ? { status: 401, body: '{"code":"invalid_token"}' } : null),
        onFrame: (socket, frame) => {
          pong(socket, frame);
          if (frame.type === "refresh" && clock.now() <= life + grace) {
            socket.say({ type: "refreshed", id: frame.id, ...told(clock) });
          } else if (frame.type === "refresh") {
            socket.say({ type: "error", id: frame.id, code: 112, error: "invalid_token", message: "expired", retry: false });
            socket.drop(4006, "token_expired");
          }
        },
      });
      await clock.pass(life + 16 * SECOND);
      const late = calls.filter((at) => at > life - 2 * SECOND);
      assert.ok(late.length <= 18, `${late.length} calls in the last 18 s: ${late}`);
      await clock.pass(10 * MINUTE);
      const shortest = Math.min(...calls.slice(1).map((at, n) => at - calls[n]).filter((wait) => wait > 0));
      assert.ok(calls.length <= 70, `${calls.length} calls, the shortest wait ${shortest} ms`);
    });
  }
}

test("tokens that last a little longer each time are fetched at the pace of their lives, not faster than once a second", async (t) => {
  for (const life of [1500, 3000, 20_000]) {
    let calls = 0;
    const told = { expiresIn: life, refreshIn: Math.floor(life * 0.8) };
    const { client, clock } = virtual(t, {
      token: () => `t.${++calls}`,
      welcome: () => ({ type: "welcome", connection: "c", node: "n", heartbeat: 30_000, maxMessageBytes: 65_536, ...told }),
      onFrame: (socket, frame) => pong(socket, frame) ?? (frame.type === "refresh" && socket.say({ type: "refreshed", id: frame.id, ...told })),
    });
    await clock.pass(MINUTE);
    assert.equal(client.state, "connected");
    const most = MINUTE / Math.max(SECOND, told.refreshIn) + 1;
    assert.ok(calls <= most && calls > most / 4, `${calls} for ${life}`);
  }
});

test("a server's own floor: a token near its end is to be refreshed in a second, not sooner", async (t) => {
  for (const _ of numbers(1, 5)) {
    const client = connect(t, shared.url, { token: () => token({ seconds: 2 }) });
    const { expiresIn, refreshIn } = await next(client, "connected");
    assert.ok(refreshIn >= SECOND && expiresIn <= 2 * SECOND, `${refreshIn} of ${expiresIn}`);
    client.close();
  }
});

test("with a real server and its grace, a cached token is fetched some ten times, not a thousand", async (t) => {
  const server = await startServer({});
  t.after(() => server.stop());
  const cached = token({ seconds: 2 });
  let calls = 0;
  const source = () => {
    calls++;
    return cached;
  };
  const client = connect(t, server.url, { token: source, baseDelay: SECOND, maxDelay: 30 * SECOND });
  await next(client, "connected");
  const end = performance.now() + 8 * SECOND;
  await until("eight seconds", () => performance.now() > end);
  assert.ok(calls >= 3 && calls <= 10, `${calls} calls`);
  assert.equal(client.state, "connected");
});

for (const wish of [...TOO_SHORT, ...TOO_LONG, ...NONSENSE]) {
  test(`heartbeat ${wish}: the client asks seldom, and finds a dead link in time`, async (t) => {
    let lives = true;
    const span = TOO_LONG.includes(wish) ? HOUR + MINUTE : 2 * MINUTE;
    const { client, clock, sockets } = virtual(t, {
      welcome: () => `{"type":"welcome","connection":"c","node":"n","heartbeat":${wish},"maxMessageBytes":65536}`,
      onFrame: (socket, frame) => lives && pong(socket, frame),
      heartbeatSlack: 1,
    });
    await clock.pass(span);
    assert.equal(client.state, "connected");
    assert.ok(times(sockets[0], "ping") > 0 && times(sockets[0], "ping") <= 2 * MINUTE / SECOND, `${times(sockets[0], "ping")} pings`);
    lives = false;
    await clock.pass(span);
    assert.ok(sockets.length > 1, "the dead link was found");
  });
}

for (const wish of [...TOO_SHORT, ...TOO_LONG, ...NONSENSE]) {
  test(`goaway with reconnectAfter and closeBy ${wish}: the client moves, and nodes that send it on do not keep it busy`, async (t) => {
    const { client, clock, sockets } = virtual(t, {
      onFrame: pong,
      random: () => 0.5,
    });
    await clock.pass(MINUTE);
    const goaway = `{"type":"goaway","reason":"shutdown","reconnectAfter":${wish},"closeBy":${wish}}`;
    sockets[0].say(goaway);
    await clock.pass(HOUR + MINUTE);
    assert.equal(client.state, "connected");
    assert.equal(sockets.length, 2);
    const moved = sockets.length;
    for (const _ of numbers(1, 120)) {
      sockets.at(-1).say(goaway);
      await clock.pass(SECOND);
    }
    assert.ok(sockets.length - moved <= 20, `${sockets.length - moved} moves in two minutes`);
  });

  test(`goaway with reconnectAfter ${wish}: a node that then goes at once is left behind soon`, async (t) => {
    const { client, clock, sockets } = virtual(t, { onFrame: pong });
    await clock.pass(MINUTE);
    sockets[0].say(`{"type":"goaway","reason":"shutdown","reconnectAfter":${wish},"closeBy":${wish}}`);
    sockets[0].drop(1006);
    await clock.pass(31 * SECOND);
    assert.equal(client.state, "connected");
  });
}

const HEADERS = ["0", "00", "1", "-1", "-5", "1.5", "1e9", "99999999999", "9".repeat(400), "Infinity", "NaN", "", " ", "soon", "0x10", "5, 5",
  "Wed, 21 Oct 2015 07:28:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "2147484", "5 minutes"];

for (const header of HEADERS) {
  test(`Retry-After: ${header.slice(0, 40)} is neither a storm nor an exile`, async (t) => {
    const { client, clock, sockets } = virtual(t, { answer: () => ({ status: 503, headers: { "Retry-After": header }, body: '{"code":"node_full"}' }) });
    const disconnects = record(client, "disconnected");
    await clock.pass(HOUR);
    const waits = sockets.slice(1).map(({ at }, n) => at - sockets[n].at);
    assert.ok(sockets.length >= 10, `${sockets.length} attempts in an hour`);
    assert.ok(sockets.length <= HOUR / SECOND, `${sockets.length} attempts in an hour`);
    assert.ok(Math.max(...waits) <= 5 * MINUTE + SECOND, `${Math.max(...waits)}`);
    assert.ok(disconnects.every(({ retryIn, willReconnect }) => willReconnect && retryIn >= 0));
    if (/^\d+$/.test(header)) {
      assert.ok(Math.min(...waits) >= Math.min(5 * MINUTE, Math.max(SECOND, Number(header) * SECOND)), `${Math.min(...waits)}`);
    }
  });
}

for (const code of [107, 109, 111]) {
  for (const wish of [...TOO_SHORT, ...TOO_LONG, ...NONSENSE]) {
    test(`error ${code} with retryAfter ${wish}: asked again, not in a storm, not never`, async (t) => {
      const { client, clock, sockets } = virtual(t, {
        onFrame: (socket, frame) => {
          pong(socket, frame);
          if (["subscribe", "publish"].includes(frame.type)) {
            socket.say(`{"type":"error","id":${frame.id},"channel":"c","code":${code},"message":"later","retry":true,"retryAfter":${wish}}`);
          }
        },
        publishTimeout: HOUR,
      });
      const room = client.subscribe("c");
      client.publish("c", 1).catch(() => {});
      await clock.pass(20 * MINUTE);
      assert.equal(room.state, "pending");
      for (const type of ["subscribe", "publish"]) {
        const count = times(sockets[0], type);
        assert.ok(count >= 4, `${count} times ${type}`);
        assert.ok(count <= 20 * 60 + 20, `${count} times ${type}`);
        const late = sockets[0].heard.filter((frame) => frame.type === type && frame.at > 15 * MINUTE).length;
        assert.ok(late > 0, `${type} goes on`);
      }
    });
  }
}

test("a subscription that is granted and taken away in turn is asked for more and more slowly", async (t) => {
  const { clock, client, sockets } = virtual(t, {
    onFrame: (socket, frame) => {
      pong(socket, frame);
      if (frame.type === "subscribe") {
        socket.say({ type: "subscribed", id: frame.id, channel: "c" });
        socket.say({ type: "error", channel: "c", code: 109, error: "broker_unavailable", message: "away", retry: true });
      }
    },
  });
  client.subscribe("c");
  await clock.pass(10 * MINUTE);
  const count = times(sockets[0], "subscribe");
  assert.ok(count >= 10 && count <= 80, `${count} in ten minutes`);
});

test("a wait that ends in less than nothing, or in no number, is no wait", async (t) => {
  const { client } = virtual(t);
  for (const timeout of [0, -1, NaN, Infinity, "5"]) {
    await assert.rejects(client.publish("c", 1, { timeout }), { name: "TypeError" });
  }
});

/** A page, in this process, whose events the test sends. */
function pageOf(t) {
  const page = new EventTarget();
  const network = new EventTarget();
  globalThis.document = Object.assign(page, { visibilityState: "visible" });
  globalThis.addEventListener = network.addEventListener.bind(network);
  globalThis.removeEventListener = network.removeEventListener.bind(network);
  t.after(() => {
    delete globalThis.document;
    delete globalThis.addEventListener;
  });
  return (event) => (event === "visibilitychange" ? page : network).dispatchEvent(new Event(event));
}

for (const event of ["online", "visibilitychange", "pageshow"]) {
  test(`${event} ends every wait`, async (t) => {
    const send = pageOf(t);
    let refuses = true;
    const refusal = { status: 503, headers: { "Retry-After": "99999999999" }, body: '{"code":"node_full"}' };
    const { client, clock, sockets } = virtual(t, {
      answer: () => (refuses ? refusal : null),
      token: (reason) => (reason === "refresh" && refuses ? Promise.reject(new Error("no network")) : "a.b.c"),
      welcome: () => ({ type: "welcome", connection: "c", node: "n", heartbeat: 30_000, maxMessageBytes: 65_536, expiresIn: HOUR, refreshIn: MINUTE }),
      onFrame: (socket, frame) => {
        pong(socket, frame);
        if (frame.type === "subscribe" && refuses) {
          socket.say({ type: "error", id: frame.id, channel: "c", code: 109, message: "away", retry: true, retryAfter: 250_000 });
        } else if (frame.type === "subscribe") {
          socket.say({ type: "subscribed", id: frame.id, channel: "c" });
        }
      },
      baseDelay: 20 * MINUTE,
      maxDelay: 20 * MINUTE,
      random: () => 1,
    });
    await clock.pass(10 * SECOND);
    assert.equal(client.state, "waiting");
    refuses = false;
    send(event);
    await clock.pass(0);
    assert.equal(client.state, "connected", "the wait that the server asked for");

    refuses = true;
    const room = client.subscribe("c");
    await clock.pass(2 * MINUTE);
    const refreshes = () => sockets.at(-1).heard.filter((frame) => frame.type === "refresh").length;
    assert.deepEqual([room.state, refreshes()], ["pending", 0]);
    refuses = false;
    send(event);
    await clock.pass(0);
    assert.deepEqual([room.state, refreshes()], ["subscribed", 1], "the waits of a subscription and of a token");

    sockets.at(-1).say({ type: "goaway", reason: "shutdown", reconnectAfter: HOUR, closeBy: HOUR });
    const before = sockets.length;
    await clock.pass(SECOND);
    send(event);
    await clock.pass(0);
    assert.equal(sockets.length, before + 1, "the wait for a move");
  });
}

test("a network that comes and goes does not make the client busy", async (t) => {
  const send = pageOf(t);
  const { clock, sockets } = virtual(t, { answer: () => ({ status: 503, headers: { "Retry-After": "60" } }) });
  for (const _ of numbers(1, 1000)) {
    send("online");
    await clock.pass(10);
  }
  assert.ok(sockets.length >= 8 && sockets.length <= 12, `${sockets.length} attempts in ten seconds`);
});

test("a server that refuses each second attempt, and takes the others only to drop them, is tried more and more slowly", async (t) => {
  let n = 0;
  const { clock, sockets } = virtual(t, {
    token: () => "a.b.c",
    answer: () => (n % 2 ? { status: 401, body: '{"code":"invalid_token"}' } : null),
  });
  for (const _ of numbers(1, 600)) {
    n++;
    await clock.pass(SECOND);
    const socket = sockets.at(-1);
    if (socket.isOpen) {
      socket.drop(4006, "token_expired");
    }
  }
  assert.ok(sockets.length <= 80, `${sockets.length} attempts in ten minutes`);
});
