// Random lives of subscriptions against a server of the test's, in virtual time: slow links, refusals, losses, moves, and interruptions.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFrom } from "./fake-clock.mjs";
import { numbers } from "./under-test.mjs";
import { virtual } from "./virtual.mjs";

const SEEDS = Number(process.env.SEEDS ?? 25);
const STEPS = 400;
const GOAWAY = { type: "goaway", reason: "shutdown", reconnectAfter: 300, closeBy: 2000 };

/** What the server does, one request of a connection after the other. Messages of channels with history are their offsets. */
class Server {
  #random;
  #states = new Map();
  /** The newest message of each channel. */
  top = new Map();
  wrong = [];

  constructor(random) {
    this.#random = random;
  }

  #state(socket) {
    if (!this.#states.has(socket)) {
      this.#states.set(socket, { held: new Set(), latency: 1 + this.#random() * 80, taken: new Set() });
    }
    return this.#states.get(socket);
  }

  receive(socket, frame, clock) {
    clock.setTimeout(() => this.#serve(socket, frame, clock), this.#state(socket).latency);
  }

  #say(socket, frame, clock) {
    clock.setTimeout(() => socket.say(frame), this.#state(socket).latency);
  }

  #serve(socket, { type, id, channel, recover }, clock) {
    const { held, taken } = this.#state(socket);
    const say = (frame) => this.#say(socket, frame, clock);
    const luck = this.#random();
    if (type === "ping") {
      say({ type: "pong", id, ts: 1 });
    } else if (luck < 0.1) {
      say({ type: "error", id, channel, code: 107, message: "slowly", retry: true, retryAfter: 20 });
    } else if (type === "subscribe" && luck < 0.15) {
      say({ type: "error", id, channel, code: 109, message: "away", retry: true });
    } else if (type === "subscribe") {
      this.#subscribe(held, say, { id, channel, recover });
    } else if (held.delete(channel)) {
      say({ type: "unsubscribed", id, channel });
    } else {
      if (!taken.has(channel)) {
        this.wrong.push(`${channel} is not held`);
      }
      say({ type: "error", id, channel, code: 103, message: "no such subscription", retry: false });
    }
  }

  #subscribe(held, say, { id, channel, recover }) {
    const top = this.top.get(channel) ?? 0;
    const isKept = channel.startsWith("kept");
    if (held.has(channel)) {
      this.wrong.push(`${channel} is held`);
    }
    held.add(channel);
    const place = isKept ? { epoch: "e", offset: recover?.offset ?? top, recovered: recover && true } : {};
    say({ type: "subscribed", id, channel, ...place });
    if (recover) {
      numbers(recover.offset + 1, top).forEach((offset) => say({ type: "message", channel, data: offset, offset }));
    }
  }

  publish(channel, sockets, clock) {
    const next = (this.top.get(channel) ?? 0) + 1;
    this.top.set(channel, next);
    for (const socket of sockets.filter((each) => each.isOpen && this.#state(each).held.has(channel))) {
      this.#say(socket, { type: "message", channel, data: next, offset: channel.startsWith("kept") ? next : undefined }, clock);
    }
  }

  /** Ends a subscription for now. */
  take(socket, channel, clock) {
    const { held, taken } = this.#state(socket);
    if (held.delete(channel)) {
      taken.add(channel);
      this.#say(socket, { type: "error", channel, code: 109, message: "away", retry: true }, clock);
    }
  }

  holds(socket) {
    return [...this.#state(socket).held].sort();
  }
}

/** A channel as the application sees it. */
class Seat {
  wrong = [];
  seen = [];
  position = { epoch: "e", offset: 0 };
  lives = [];
  subscription = null;

  constructor(name) {
    this.name = name;
    this.isKept = name.startsWith("kept");
  }

  flip(client) {
    if (this.subscription !== null) {
      this.subscription.unsubscribe();
      this.subscription = null;
      return;
    }
    const subscription = client.subscribe(this.name, this.isKept ? { recover: this.position } : {});
    const life = { numbers: [], lost: 0 };
    this.subscription = subscription;
    this.lives.push(life);
    subscription.on("message", ({ data }) => {
      if (subscription !== this.subscription) {
        this.wrong.push(`${data} after the end`);
      }
      this.seen.push(data);
      life.numbers.push(data);
      this.position = { epoch: "e", offset: data };
    });
    subscription.on("lost", () => life.lost++);
    subscription.on("gap", (gap) => this.wrong.push(gap));
  }

  /** What is wrong with it, given the newest message. */
  faults(top) {
    if (this.isKept) {
      const expected = numbers(1, top);
      const isRight = this.seen.length === top && this.seen.every((data, n) => data === expected[n]);
      return [...this.wrong, ...(isRight ? [] : [`${this.name}: ${this.seen} of ${top}`]), ...(this.lives.some(({ lost }) => lost) ? ["lost"] : [])];
    }
    const missing = this.lives.filter(({ numbers: all, lost }) => {
      const sorted = [...new Set(all)].sort((a, b) => a - b);
      return lost === 0 && sorted.length > 0 && sorted.at(-1) - sorted[0] + 1 !== sorted.length;
    });
    return [...this.wrong, ...missing.map(({ numbers: all }) => `${this.name}: ${all}, and nothing was told`)];
  }
}

async function play(t, seed) {
  const random = randomFrom(seed);
  const pick = (all) => all[Math.floor(random() * all.length)];
  const server = new Server(random);
  const { client, clock, sockets } = virtual(t, { random, onFrame: (socket, frame, at) => server.receive(socket, frame, at) });
  const seats = [...numbers(1, 3).map((n) => new Seat(`kept${n}`)), ...numbers(1, 30).map((n) => new Seat(`plain${n}`))];
  const [open] = [() => sockets.filter(({ isOpen }) => isOpen)];
  const steps = [
    () => pick(seats).flip(client),
    () => numbers(1, 3).forEach(() => seats[0].flip(client)),
    () => numbers(1, 2).forEach(() => seats[1].flip(client)),
    () => numbers(1, 20).forEach(() => pick(seats).flip(client)),
    () => seats.forEach(({ name }) => server.publish(name, sockets, clock)),
    () => server.publish(pick(seats).name, sockets, clock),
    () => clock.pass(random() * 300),
    () => clock.pass(random() * 300),
  ];
  const rare = [
    () => pick(open())?.drop(pick([1006, 1001, 4001])),
    () => pick(open())?.say(GOAWAY),
    () => open().length > 0 && server.take(pick(open()), pick(seats).name, clock),
    () => clock.pass(3000),
  ];
  for (const n of numbers(1, STEPS)) {
    await pick(n % 10 === 0 ? rare : steps)();
  }
  seats.filter(({ subscription }) => subscription === null).forEach((seat) => seat.flip(client));
  await clock.pass(120_000);
  seats.forEach(({ name }) => server.publish(name, sockets, clock));
  await clock.pass(1000);
  const faults = seats.flatMap((seat) => seat.faults(server.top.get(seat.name)));
  const deaf = seats.filter(({ seen, name }) => seen.at(-1) !== server.top.get(name)).map(({ name }) => `${name} is deaf`);
  assert.deepEqual([...faults, ...deaf, ...server.wrong], [], `seed ${seed}`);
  assert.deepEqual(open().map((socket) => server.holds(socket)), [seats.map(({ name }) => name).sort()], `seed ${seed}`);
  client.close();
}

test("whatever happens, nothing is lost, doubled or deaf, and what may be missing is told", async (t) => {
  for (const seed of numbers(1, SEEDS)) {
    await play(t, seed);
  }
});
