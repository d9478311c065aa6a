// Subscriptions that end and begin anew under the same name, while requests wait, connections break, and nodes leave.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { randomFrom } from "./fake-clock.mjs";
import { startProxy } from "./proxy.mjs";
import { confirm, scripted } from "./scripted.mjs";
import { shared as server, token } from "./server.mjs";
import { connect, fresh, next, numbers, record, until, WebSocket } from "./under-test.mjs";
import { pong, virtual } from "./virtual.mjs";

let proxy;

beforeEach(async () => {
  proxy = await startProxy(server.port);
});
afterEach(() => proxy.close());

const GOAWAY = { type: "goaway", reason: "shutdown", reconnectAfter: 0, closeBy: 5000 };

test("while many requests wait, a subscription that ends and begins anew loses nothing, and nothing is told as lost", async (t) => {
  const channel = fresh();
  const reader = connect(t, proxy.url, { token: token({ user: `many-${process.pid}` }) });
  const writer = connect(t, server.url, { token: token({ user: "bob" }) });
  const first = reader.subscribe(channel);
  await first.ready;
  const lost = record(reader, "lost");
  await writer.publish(channel, 1);
  await until("the first", () => first.position.offset === 1);
  numbers(1, 60).forEach(() => reader.subscribe(fresh("plain")));
  first.unsubscribe();
  const again = reader.subscribe(channel, { recover: first.position });
  const messages = record(again, "message");
  const publishing = Promise.all(numbers(2, 9).map((n) => writer.publish(channel, n)));
  assert.equal((await again.ready).recovered, true);
  await publishing;
  await until("all", () => messages.length >= 8);
  assert.deepEqual(messages.map(({ offset }) => offset), numbers(2, 9));
  assert.deepEqual(lost, []);
});

test("what is refused for its rate keeps the order of its channel", async (t) => {
  const random = randomFrom(1);
  const held = new Set();
  const wrong = [];
  let refusals = 40;
  const { client, clock } = virtual(t, {
    onFrame: (socket, frame) => {
      const { type, id, channel, recover } = frame;
      pong(socket, frame);
      if (channel && refusals-- > 0 && random() < 0.7) {
        socket.say({ type: "error", id, code: 107, error: "rate_limited", message: "slowly", retry: true, retryAfter: 2 });
      } else if (type === "subscribe") {
        if (held.has(channel)) {
          wrong.push(`subscribed twice to ${channel}`);
        }
        held.add(channel);
        socket.say({ type: "subscribed", id, channel, epoch: "e", offset: 7, recovered: recover && true });
      } else if (type === "unsubscribe") {
        if (!held.delete(channel)) {
          wrong.push(`not subscribed to ${channel}`);
        }
        socket.say({ type: "unsubscribed", id, channel });
      }
    },
  });
  const lost = record(client, "lost");
  const rooms = numbers(1, 30).map((n) => client.subscribe(`c${n}`));
  await clock.pass(300_000);
  assert.ok(rooms.every(({ state }) => state === "subscribed"));
  refusals = 40;
  const again = rooms.map((room) => {
    room.unsubscribe();
    return client.subscribe(room.channel, { recover: { epoch: "e", offset: 7 } });
  });
  await clock.pass(300_000);
  assert.ok(again.every(({ state }) => state === "subscribed"));
  assert.deepEqual([wrong, lost, held.size], [[], [], 30]);
});

test("begun and ended any number of times while the line is full, a channel costs no more than its last wish", async (t) => {
  const server = await scripted(t, { onFrame: (socket, frame) => frame.channel?.startsWith("slow") || confirm(socket, frame, {}) });
  const client = connect(t, server.url);
  await next(client, "connected");
  numbers(1, 16).forEach((n) => client.subscribe(`slow${n}`));
  for (const _ of numbers(1, 1000)) {
    client.subscribe("c").unsubscribe();
  }
  const last = client.subscribe("c");
  const [socket] = server.sockets;
  await until("that all are asked for", () => socket.heard.length === 16);
  socket.heard.slice().forEach(({ id, channel }) => socket.say({ type: "subscribed", id, channel }));
  await last.ready;
  assert.deepEqual(socket.heard.slice(16).map(({ type, channel }) => [type, channel]), [["subscribe", "c"]]);
});

test("a subscription that the server took away is not given back a second time", async (t) => {
  const server = await scripted(t, { onFrame: (socket, frame) => confirm(socket, frame, {}) });
  const client = connect(t, server.url);
  const room = client.subscribe("c");
  await room.ready;
  const [socket] = server.sockets;
  socket.say({ type: "error", channel: "c", code: 105, error: "forbidden", message: "no more", retry: false });
  await next(room, "unsubscribed");
  await client.subscribe("c").ready;
  assert.deepEqual(socket.heard.map(({ type }) => type), ["subscribe", "subscribe"]);
});

/** A channel as the application sees it: whatever it does, each message after the first comes once and in order. */
class Model {
  channel = fresh();
  seen = [];
  wrong = [];
  position = null;
  #subscription = null;

  /** Begins behind the first message. */
  static async of(writer) {
    const model = new Model();
    model.position = await writer.publish(model.channel, 1);
    return model;
  }

  get isOn() {
    return this.#subscription !== null;
  }

  subscribe(client) {
    const subscription = client.subscribe(this.channel, { recover: this.position });
    this.#subscription = subscription;
    subscription.on("message", ({ offset }) => {
      if (subscription !== this.#subscription) {
        this.wrong.push(`${offset} after the end`);
      }
      this.seen.push(offset);
      this.position = { ...this.position, offset };
    });
    subscription.on("lost", (lost) => this.wrong.push(["lost", lost]));
    subscription.on("gap", (gap) => this.wrong.push(["gap", gap]));
  }

  unsubscribe() {
    const subscription = this.#subscription;
    this.#subscription = null;
    subscription.unsubscribe();
  }
}

/** How many subscriptions the user's one connection has, as the server says; none as long as there are others. */
async function held(user) {
  const headers = { Authorization: `Bearer ${token({ scope: "ops" })}` };
  const address = server.url.replace("ws:", "http:").replace("/ws", `/api/connections?query=${user}`);
  const { items } = await (await fetch(address, { headers })).json();
  return items.length === 1 ? items[0].subscriptions : undefined;
}

for (const seed of [1, 2, 3, 4]) {
  test(`whatever is done to subscriptions and connections, each message comes once and in order (seed ${seed})`, async (t) => {
    const random = randomFrom(seed);
    const pick = (all) => all[Math.floor(random() * all.length)];
    const user = `model-${process.pid}-${seed}`;
    const sockets = [];
    class Watched extends WebSocket {
      constructor(...args) {
        super(...args);
        sockets.push(this);
      }
    }
    const reader = connect(t, proxy.url, { token: token({ user }), WebSocket: Watched });
    const writer = connect(t, server.url, { token: token({ user: `writer-${seed}` }) });
    const models = await Promise.all(numbers(1, 4).map(() => Model.of(writer)));
    const fillers = new Map(numbers(1, 60).map(() => [fresh("plain"), null]));
    const toggle = (name) => {
      const filler = fillers.get(name);
      filler?.unsubscribe();
      fillers.set(name, filler ? null : reader.subscribe(name));
    };
    const flip = (model) => (model.isOn ? model.unsubscribe() : model.subscribe(reader));
    const again = (model, times) => numbers(1, times).forEach(() => flip(model));
    const publishing = [];
    const steps = [
      () => numbers(1, 20).forEach(() => toggle(pick([...fillers.keys()]))),
      () => again(pick(models), 1),
      () => again(pick(models), 2),
      () => again(pick(models), 3),
      () => models.forEach((model) => again(model, 2)),
      () => publishing.push(...models.map((model) => writer.publish(model.channel, publishing.length))),
      () => publishing.push(writer.publish(pick(models).channel, 0)),
    ];
    const rare = [
      () => proxy.cut(),
      () => sockets.at(-1).onmessage?.({ data: JSON.stringify(GOAWAY) }),
      () => {
        proxy.delay = pick([0, 0, 20]);
      },
    ];
    await until("a connection", () => reader.state === "connected");
    for (const n of numbers(1, 250)) {
      pick(n % 20 === 0 ? rare : steps)();
      const end = performance.now() + random() * 12;
      await until("the next step", () => performance.now() > end);
    }
    proxy.delay = 0;
    const published = await Promise.all(publishing);
    models.filter((model) => !model.isOn).forEach((model) => model.subscribe(reader));
    const last = await Promise.all(models.map((model) => writer.publish(model.channel, "last")));
    await until("the last of each", () => models.every((model, n) => model.position.offset === last[n].offset));
    models.forEach((model, n) => {
      assert.deepEqual(model.wrong, []);
      assert.deepEqual(model.seen, numbers(2, last[n].offset), `of ${published.length}`);
    });
    const wanted = models.length + [...fillers.values()].filter((filler) => filler !== null).length;
    let count;
    const end = performance.now() + 15_000;
    do {
      count = await held(user);
    } while (count !== wanted && performance.now() < end);
    assert.equal(count, wanted, "what the server holds is what is wanted");
  });
}
