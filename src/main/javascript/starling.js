import { Channel } from "./channel.js";
import { Emitter } from "./emitter.js";
import { StarlingError } from "./errors.js";
import { Link } from "./link.js";
import { Publisher } from "./publisher.js";
import { addressOf, check, settingsOf } from "./settings.js";
import { Subscription } from "./subscription.js";
import { Timers } from "./timers.js";

/** A connection to Starling that survives. See index.d.ts. */
export class Starling {
  #settings;
  #timers;
  #events = new Emitter();
  /** `{channel, subscription}` by the channel's name. */
  #channels = new Map();
  #publisher;
  #link;
  /** Requests that wait for a connection. */
  #waiters = new Set();

  constructor(url, options = {}) {
    const address = addressOf(url);
    this.#settings = settingsOf(options);
    this.#timers = new Timers(this.#settings.clock);
    this.#publisher = new Publisher(this.#settings);
    this.#link = new Link(address, this.#settings, {
      state: (change) => this.#events.emit("state", change),
      up: (connection) => this.#up(connection),
      push: (connection, frame) => this.#push(connection, frame),
      down: (connection, isMoveComplete) => this.#down(connection, isMoveComplete),
      goaway: (frame) => this.#events.emit("goaway", frame),
      disconnected: (disconnect) => this.#events.emit("disconnected", disconnect),
      failed: (error) => this.#events.emit("error", error),
      woken: () => this.#channels.forEach(({ channel }) => channel.wake()),
      stopped: (error) => this.#stopped(error),
      isSettledOn: (connection) => [...this.#channels.values()].every(({ channel }) => channel.isSettledOn(connection)),
    });
  }

  get state() {
    return this.#link.state;
  }

  get welcome() {
    return this.#link.current?.welcome ?? null;
  }

  get lastDisconnect() {
    return this.#link.lastDisconnect;
  }

  get roundTrip() {
    return this.#link.current?.roundTrip ?? null;
  }

  get queuedPublishes() {
    return this.#publisher.size;
  }

  on(event, listener) {
    return this.#events.on(event, listener);
  }

  off(event, listener) {
    this.#events.off(event, listener);
  }

  subscribe(name, options = {}) {
    check(typeof name === "string" && name !== "", "the channel has to be a name");
    this.#checkOpen();
    const known = this.#channels.get(name);
    if (known) {
      return known.subscription;
    }
    const channel = new Channel(name, options, this.#settings, {
      ended: () => this.#channels.delete(name),
      settled: () => this.#link.settled(),
      told: (event, value) => this.#events.emit(event, value),
    });
    const subscription = new Subscription(channel, this);
    this.#channels.set(name, { channel, subscription });
    if (this.#link.current) {
      channel.subscribeOn(this.#link.current);
    }
    return subscription;
  }

  async publish(channel, data, options = {}) {
    check(typeof channel === "string" && channel !== "", "the channel has to be a name");
    const { timeout = 1 } = options;
    check(timeout > 0 && Number.isFinite(timeout), "timeout has to be a positive number");
    this.#checkOpen();
    return this.#publisher.publish(channel, data, options);
  }

  async history(channel, { limit, since } = {}) {
    const { epoch, offset, messages } = await this.#request({ type: "history", channel, limit, since });
    return { epoch, offset, messages };
  }

  async presence(channel) {
    const { count, members } = await this.#request({ type: "presence", channel });
    return { count, members };
  }

  async ping() {
    const sentAt = this.#settings.clock.now();
    const { ts } = await this.#request({ type: "ping" });
    return { roundTrip: this.#settings.clock.now() - sentAt, ts };
  }

  close() {
    this.#link.stop();
  }

  #checkOpen() {
    if (this.state === "closed") {
      throw closed();
    }
  }

  async #request(frame) {
    this.#checkOpen();
    const connection = this.#link.current ?? (await this.#connected());
    return new Promise((resolve, reject) => {
      connection.request(frame, (error, reply) => (error ? reject(error) : resolve(reply)));
    });
  }

  /** The next connection, if it comes in time. */
  #connected() {
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      waiter.timer = this.#timers.after(this.#settings.requestTimeout, () => {
        this.#waiters.delete(waiter);
        reject(new StarlingError("no connection in time", { code: "timeout", retry: true }));
      });
      this.#waiters.add(waiter);
    });
  }

  #settleWaiters(settle) {
    this.#waiters.forEach((waiter) => {
      this.#timers.cancel(waiter.timer);
      settle(waiter);
    });
    this.#waiters.clear();
  }

  #up(connection) {
    for (const { channel } of [...this.#channels.values()]) {
      channel.subscribeOn(connection);
    }
    this.#publisher.use(connection);
    this.#settleWaiters((waiter) => waiter.resolve(connection));
    this.#events.emit("connected", connection.welcome);
  }

  #push(connection, frame) {
    const known = this.#channels.get(frame.channel);
    if (known) {
      known.channel.push(connection, frame);
    } else if (frame.type === "error" && frame.id === undefined) {
      this.#events.emit("error", StarlingError.of(frame));
    }
  }

  #down(connection, isMoveComplete) {
    for (const { channel } of [...this.#channels.values()]) {
      channel.disconnected(connection, isMoveComplete);
    }
  }

  #stopped(error) {
    const reason = error ?? closed();
    this.#timers.clear();
    this.#publisher.close(reason);
    this.#settleWaiters((waiter) => waiter.reject(reason));
    for (const { channel } of [...this.#channels.values()]) {
      channel.end(error);
    }
    if (error && !this.#events.emit("error", error)) {
      console.error("starling: stopped, and nobody listens to \"error\"", error);
    }
  }
}

function closed() {
  return new StarlingError("the client is closed", { code: "closed" });
}
