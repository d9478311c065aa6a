// Tokens that expire, are refused, or are not to be had.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, next, record, UnauthorizedError, until, WebSocket } from "./under-test.mjs";
import { shared as server, token } from "./server.mjs";

/** As in a browser: it does not tell why it was refused. */
class Discreet {
  #socket;

  constructor(url, protocols) {
    const socket = new WebSocket(url, protocols);
    this.#socket = socket;
    socket.onmessage = (event) => this.onmessage(event);
    socket.onerror = (event) => this.onerror(event);
    socket.onclose = (event) => this.closed(event);
  }

  closed(event) {
    this.onclose(event);
  }

  send(text) {
    this.#socket.send(text);
  }

  close(...args) {
    this.#socket.close(...args);
  }
}

/** As in Node 22: if it never opened, it does not even say that it is closed. */
class Mute extends Discreet {
  closed() {}
}

test("a new token is brought before the old one expires, on the same connection", async (t) => {
  const reasons = [];
  const source = (reason) => {
    reasons.push(reason);
    return token({ seconds: 3 });
  };
  const client = connect(t, server.url, { token: source });
  const disconnects = record(client, "disconnected");
  await next(client, "connected");
  const end = performance.now() + 7000;
  await until("that the first token has expired twice over", () => performance.now() > end);
  assert.equal(client.state, "connected");
  assert.deepEqual(disconnects, []);
  assert.deepEqual([...new Set(reasons)], ["connect", "refresh"]);
  assert.ok(reasons.length >= 3 && reasons.length <= 5, `${reasons}`);
});

test("a token that expired is replaced, and the client comes back", async (t) => {
  const reasons = [];
  const source = (reason) => {
    reasons.push(reason);
    if (reason === "refresh") {
      throw new Error("the issuer is away");
    }
    return token({ seconds: reasons.length === 1 ? 2 : 60 });
  };
  const client = connect(t, server.url, { token: source });
  const errors = record(client, "error");
  const { code } = await next(client, "disconnected");
  await next(client, "connected");
  assert.equal(code, 4006);
  assert.equal(reasons[0], "connect");
  assert.equal(reasons.at(-1), "refused");
  assert.ok(errors.length > 0 && errors.every((error) => error.message === "no token: the issuer is away"));
});

for (const [name, socket] of [["ws", WebSocket], ["a browser's", Discreet], ["Node 22's", Mute]]) {
  test(`a refused token is replaced at once (WebSocket: ${name})`, async (t) => {
    const reasons = [];
    const source = (reason) => {
      reasons.push(reason);
      return reason === "refused" ? token() : "not.a.token";
    };
    const client = connect(t, server.url, { token: source, WebSocket: socket, baseDelay: 60_000, maxDelay: 60_000 });
    const disconnect = await next(client, "disconnected");
    await next(client, "connected");
    assert.deepEqual(reasons, ["connect", "refused"]);
    assert.deepEqual([disconnect.status, disconnect.refusal, disconnect.retryIn], [401, "invalid_token", 0]);
  });

  test(`without another token the client stops, and says why (WebSocket: ${name})`, async (t) => {
    const client = connect(t, server.url, { token: "not.a.token", WebSocket: socket });
    const room = client.subscribe("kept:1");
    const publishing = client.publish("kept:1", 1);
    const error = await next(client, "error");
    assert.ok(error instanceof UnauthorizedError);
    await assert.rejects(publishing, UnauthorizedError);
    await assert.rejects(room.ready, UnauthorizedError);
    assert.equal(client.state, "closed");
    assert.equal(room.state, "ended");
    const { status, refusal, willReconnect } = client.lastDisconnect;
    assert.deepEqual([status, refusal, willReconnect], [401, "invalid_token", false]);
  });
}

test("an application that has no token stops the client", async (t) => {
  const client = connect(t, server.url, {
    token: async () => {
      throw new UnauthorizedError("signed out");
    },
  });
  const error = await next(client, "error");
  assert.deepEqual([client.state, error.message, error.code], ["closed", "signed out", "unauthorized"]);
});

test("an UnauthorizedError at the time of a refresh stops it, too", async (t) => {
  const source = (reason) => {
    if (reason === "refresh") {
      throw new UnauthorizedError("signed out");
    }
    return token({ seconds: 3 });
  };
  const client = connect(t, server.url, { token: source });
  await next(client, "error");
  assert.equal(client.state, "closed");
});

test("a token function that fails is asked again later", async (t) => {
  let calls = 0;
  const source = () => {
    if (++calls < 4) {
      throw new Error("not now");
    }
    return token();
  };
  const client = connect(t, server.url, { token: source });
  const errors = record(client, "error");
  await next(client, "connected");
  assert.deepEqual([calls, errors.length], [4, 3]);
});

test("a token that no header can carry is refused here", async (t) => {
  const client = connect(t, server.url, { token: "a token, with spaces" });
  const error = await next(client, "error");
  assert.deepEqual([error.code, client.state], ["unauthorized", "closed"]);
});

test("a subscription may bring a token of its own", async (t) => {
  const client = connect(t, server.url, { token: token() });
  const closed = client.subscribe("private:1");
  await assert.rejects(closed.ready, { code: 105 });
  assert.equal(closed.state, "ended");
  const open = client.subscribe("private:1", { token: async () => token({ channels: ["private:*"] }) });
  await open.ready;
  assert.equal(open.state, "subscribed");
});

test("a new token that grants less ends what it does not grant", async (t) => {
  let granted = ["private:*"];
  const client = connect(t, server.url, { token: () => token({ channels: granted, seconds: 3 }) });
  const room = client.subscribe("private:2");
  const other = client.subscribe("kept:2");
  await Promise.all([room.ready, other.ready]);
  granted = [];
  const error = await next(room, "error");
  assert.deepEqual([error.code, error.retry, room.state, other.state], [105, false, "ended", "subscribed"]);
});
