// The waits between attempts, of many clients, by a clock of our own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, randomFrom, settle } from "./fake-clock.mjs";
import { numbers, record, Starling } from "./under-test.mjs";

const CLIENTS = 2000;

/** A WebSocket that nobody answers. */
class Unreachable {
  constructor() {
    setImmediate(() => this.onclose({ code: 1006, reason: "" }));
  }

  close() {}
}

/** A WebSocket whose server says welcome, and goes at once. */
class ShortLived extends Unreachable {
  constructor() {
    super();
    queueMicrotask(() => this.onmessage({ data: '{"type":"welcome","connection":"c","node":"n","heartbeat":30000,"maxMessageBytes":65536}' }));
  }
}

/** Lets happen what needs no timer, until the client is in one of these states; gives which. */
async function reached(client, ...states) {
  for (const _ of numbers(1, 1000)) {
    if (states.includes(client.state)) {
      return client.state;
    }
    await settle();
  }
  throw new Error(`the client is ${client.state}`);
}

/** The first waits of one client. */
async function waits(count, options) {
  const clock = new FakeClock();
  const client = new Starling("ws://nowhere/ws", { clock, WebSocket: Unreachable, fetch: null, ...options });
  const told = record(client, "disconnected");
  const measured = [];
  for (const n of numbers(1, count)) {
    await reached(client, "waiting");
    measured.push(await clock.step());
    assert.ok(Math.abs(told[n - 1].retryIn - measured[n - 1]) < 1e-6, "the application is told the wait that comes");
  }
  client.close();
  assert.equal(clock.pending, 0);
  return measured;
}

/** How far, at most, the share of the values below x is from that of an even distribution from 0 to the bound. */
function distance(values, bound) {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.max(...sorted.map((value, n) => Math.abs(value / bound - (n + 0.5) / sorted.length)));
}

test("each wait is drawn evenly from 0 to a bound that doubles from 1 s to 30 s", async () => {
  const random = randomFrom(1);
  const attempts = 8;
  const all = await Promise.all(numbers(1, CLIENTS).map(() => waits(attempts, { random })));
  for (const attempt of numbers(0, attempts - 1)) {
    const bound = Math.min(30_000, 1000 * 2 ** attempt);
    const values = all.map((each) => each[attempt]);
    // Kolmogorov and Smirnov: an even distribution is farther off in one of a thousand cases.
    const critical = 1.95 / Math.sqrt(CLIENTS);
    assert.ok(Math.max(...values) <= bound, `attempt ${attempt}: ${Math.max(...values)}`);
    assert.ok(distance(values, bound) < critical, `attempt ${attempt}: ${distance(values, bound)}`);
  }
});

test("a fleet that lost its server at one moment does not come back at one moment", async () => {
  const random = randomFrom(2);
  const first = (await Promise.all(numbers(1, CLIENTS).map(() => waits(1, { random })))).map(([wait]) => wait);
  const perTenth = numbers(0, 9).map((tenth) => first.filter((wait) => Math.floor(wait / 100) === tenth).length);
  assert.ok(Math.max(...perTenth) < (CLIENTS / 10) * 1.3, `${perTenth}`);
});

test("base and cap are options", async () => {
  const all = await Promise.all(numbers(1, 500).map((seed) => waits(6, { baseDelay: 10, maxDelay: 50, random: randomFrom(seed) })));
  const longest = numbers(0, 5).map((attempt) => Math.max(...all.map((each) => each[attempt])));
  [10, 20, 40, 50, 50, 50].forEach((bound, attempt) => {
    assert.ok(longest[attempt] <= bound && longest[attempt] > bound * 0.95, `attempt ${attempt}: ${longest[attempt]}`);
  });
});

test("a server that goes as soon as it is there does not keep the waits short", async () => {
  const clock = new FakeClock();
  const client = new Starling("ws://nowhere/ws", { clock, WebSocket: ShortLived, fetch: null, random: () => 1 });
  const measured = [];
  while (measured.length < 6) {
    await reached(client, "waiting");
    measured.push(await clock.step());
  }
  client.close();
  assert.deepEqual(measured, [1000, 2000, 4000, 8000, 16_000, 30_000]);
  assert.equal(clock.pending, 0);
});

test("after so many failures the client gives up", async () => {
  const clock = new FakeClock();
  const client = new Starling("ws://nowhere/ws", { clock, WebSocket: Unreachable, fetch: null, maxRetries: 3 });
  const disconnects = record(client, "disconnected");
  const errors = record(client, "error");
  while ((await reached(client, "waiting", "closed")) !== "closed") {
    await clock.step();
  }
  assert.deepEqual(disconnects.map((each) => each.willReconnect), [true, true, true, false]);
  assert.deepEqual(errors.map(({ code, retry }) => [code, retry]), [["connection_lost", true]]);
  assert.equal(clock.pending, 0);
});

test("a delay that no timer can hold is waited for all the same", async () => {
  const clock = new FakeClock();
  const days = 60 * 24 * 3600 * 1000;
  const client = new Starling("ws://nowhere/ws", { clock, WebSocket: Unreachable, fetch: null, baseDelay: days, maxDelay: days, random: () => 1 });
  await reached(client, "waiting");
  let waited = 0;
  while (client.state === "waiting") {
    waited += await clock.step();
  }
  client.close();
  assert.equal(waited, days);
});
