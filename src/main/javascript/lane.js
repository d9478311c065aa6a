import { ErrorCode } from "./codes.js";
import { StarlingError } from "./errors.js";
import { Pace } from "./pace.js";

/** Requests on their way at once: less than the server lets a connection send at once. */
export const WINDOW = 16;

/**
 * Where requests of one connection wait that may be many at a time, as when all channels are subscribed to anew: so many are on
 * their way at once, and what the server refuses for its rate goes again, more slowly.
 */
export class Lane {
  #connection;
  #timers;
  #clock;
  #waiting = [];
  #open = 0;
  #pace = new Pace();
  #pause = null;

  constructor(connection, timers, clock) {
    this.#connection = connection;
    this.#timers = timers;
    this.#clock = clock;
  }

  /** As the connection's own `request`; a request that is not wanted any more when its turn comes is dropped without an answer. */
  request(frame, answer, isWanted) {
    this.#waiting.push({ frame, answer, isWanted });
    this.#pump();
  }

  #pump() {
    while (this.#pause === null && this.#waiting.length > 0 && this.#open < WINDOW) {
      const entry = this.#waiting.shift();
      if (entry.isWanted()) {
        this.#send(entry);
      }
    }
  }

  #send(entry) {
    const sentAt = this.#clock.now();
    this.#open++;
    if (this.#pace.interval > 0) {
      this.#pauseFor(this.#pace.interval);
    }
    this.#connection.request(entry.frame, (error, reply) => {
      this.#open--;
      if (error?.code === ErrorCode.RATE_LIMITED) {
        this.#pace.refused(sentAt, this.#clock.now(), error.retryAfter ?? 1);
        this.#waiting.unshift(entry);
        this.#pauseFor(this.#pace.interval);
      } else {
        this.#pace.taken();
        entry.answer(error, reply);
        this.#pump();
      }
    });
  }

  #pauseFor(milliseconds) {
    this.#timers.cancel(this.#pause);
    this.#pause = this.#timers.after(milliseconds, () => {
      this.#pause = null;
      this.#pump();
    });
  }

  /** The connection has ended. */
  close() {
    const left = this.#waiting.filter((entry) => entry.isWanted());
    this.#waiting = [];
    left.forEach((entry) => entry.answer(StarlingError.connectionLost()));
  }
}
