import { Backoff } from "./backoff.js";
import { ErrorCode } from "./codes.js";
import { StarlingError } from "./errors.js";
import { Pace, WINDOW } from "./pace.js";
import { Timers } from "./timers.js";

/**
 * The publishes that wait for a connection or an answer, in order. Each has a key, so that one whose answer did not come is
 * sent again without becoming a second message, and a deadline, so that its promise does not stay open.
 */
export class Publisher {
  #settings;
  #timers;
  #backoff;
  #waiting = [];
  #sent = new Set();
  #connection = null;
  /** What those that are on their way went out on. */
  #sentOn = null;
  #pace = new Pace();
  #pause = null;
  #count = 0;
  #keys;

  constructor(settings) {
    this.#settings = settings;
    this.#timers = new Timers(settings.clock);
    this.#backoff = new Backoff(settings);
    this.#keys = randomText();
  }

  get size() {
    return this.#waiting.length + this.#sent.size;
  }

  publish(channel, data, { key, timeout = this.#settings.publishTimeout } = {}) {
    return new Promise((resolve, reject) => {
      const text = JSON.stringify(data);
      if (text === undefined) {
        throw new StarlingError("data is no JSON value", { code: "invalid_argument", channel });
      }
      this.#makeRoom(channel);
      const order = ++this.#count;
      const frame = { type: "publish", channel, key: key ?? `${this.#keys}-${order}` };
      const entry = { order, frame, text, resolve, reject };
      entry.deadline = this.#timers.after(timeout, () => {
        this.#drop(entry, new StarlingError("not published in time", { code: "timeout", retry: true, channel }));
      });
      this.#waiting.push(entry);
      this.#pump();
    });
  }

  #makeRoom(channel) {
    if (this.size < this.#settings.maxQueuedPublishes) {
      return;
    }
    const full = new StarlingError("too many publishes wait", { code: "queue_full", retry: true, channel });
    if (this.#settings.overflow !== "drop-oldest" || this.#waiting.length === 0) {
      throw full;
    }
    const oldest = this.#waiting[0];
    this.#drop(oldest, new StarlingError(full.message, { code: full.code, retry: true, channel: oldest.frame.channel }));
  }

  /** Sends what waits, and what comes, on this connection; null: there is none. */
  use(connection) {
    this.#connection = connection;
    this.#pace = new Pace();
    this.#pump();
  }

  #pump() {
    while (this.#waiting.length > 0 && this.#pause === null && this.#isOpen()) {
      this.#send(this.#waiting.shift());
      if (this.#pace.interval > 0) {
        this.#pauseFor(this.#pace.interval);
      }
    }
  }

  /** Whether the next one may go; after a move to another connection, not before those on the last one are answered: they have an order. */
  #isOpen() {
    const isOrdered = this.#sent.size === 0 || this.#sentOn === this.#connection;
    return this.#connection?.isUp && isOrdered && this.#sent.size < WINDOW;
  }

  #pauseFor(milliseconds) {
    this.#timers.cancel(this.#pause);
    this.#pause = this.#timers.after(milliseconds, () => {
      this.#pause = null;
      this.#pump();
    });
  }

  #send(entry) {
    this.#sent.add(entry);
    this.#sentOn = this.#connection;
    entry.sentAt = this.#settings.clock.now();
    this.#connection.request(entry.frame, (error, reply) => this.#answered(entry, error, reply), entry.text);
  }

  #answered(entry, error, reply) {
    if (!this.#sent.delete(entry)) {
      return; // its time was over
    }
    if (!error) {
      this.#backoff.reset();
      this.#pace.taken();
      this.#timers.cancel(entry.deadline);
      entry.resolve({ epoch: reply.epoch, offset: reply.offset });
    } else if (error.retry) {
      this.#again(entry, error);
    } else {
      this.#timers.cancel(entry.deadline);
      entry.reject(error);
    }
    this.#pump();
  }

  /** Puts it back into its place. */
  #again(entry, error) {
    const place = this.#waiting.findIndex((other) => other.order > entry.order);
    this.#waiting.splice(place < 0 ? this.#waiting.length : place, 0, entry);
    if (error.code === ErrorCode.RATE_LIMITED) {
      this.#pauseFor(this.#pace.refused(entry.sentAt, this.#settings.clock.now(), error.retryAfter));
    } else if (error.code !== "connection_lost" && this.#pause === null) {
      this.#pauseFor(Math.max(error.retryAfter ?? 0, this.#backoff.next()));
    }
  }

  #drop(entry, error) {
    this.#sent.delete(entry);
    this.#waiting = this.#waiting.filter((other) => other !== entry);
    this.#timers.cancel(entry.deadline);
    entry.reject(error);
    this.#pump();
  }

  /** Rejects all that waits. */
  close(error) {
    this.#connection = null;
    this.#timers.clear();
    const left = [...this.#sent, ...this.#waiting];
    this.#sent.clear();
    this.#waiting = [];
    left.forEach((entry) => entry.reject(error));
  }
}

function randomText() {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(36).padStart(2, "0")).join("");
}
