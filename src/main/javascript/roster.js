import { ErrorCode } from "./codes.js";
import { Pace, WINDOW } from "./pace.js";

/**
 * The subscriptions of one connection: brings what the server holds to what is wanted, one request per channel at a time. All may
 * be wanted at once, as after a reconnect, so only a few requests are on their way together, and what the server refuses for its
 * rate goes again, more slowly.
 *
 * It tells two subscriptions of the same name apart: where one has ended and another one has begun, it unsubscribes before it subscribes,
 * since the server would otherwise take the new one for the old one and not recover anything.
 */
export class Roster {
  #connection;
  #timers;
  #clock;
  /** `{held, wanted, isBusy}` by name: the `Channel` that the server holds, the one that it is to hold, and whether it was asked. */
  #seats = new Map();
  /** Names that may need a request, in order. */
  #queue = new Set();
  #open = 0;
  #pace = new Pace();
  #pause = null;

  constructor(connection, timers, clock) {
    this.#connection = connection;
    this.#timers = timers;
    this.#clock = clock;
  }

  /** Subscribes when its turn comes: calls `channel.request()` for the frame and then `channel.answered(connection, error, reply)`. */
  subscribe(channel) {
    const seat = this.#seats.get(channel.name) ?? { held: null, wanted: null, isBusy: false };
    this.#seats.set(channel.name, seat);
    seat.wanted = channel;
    this.#look(channel.name, seat);
  }

  /** Takes a request back that the server has not granted. */
  withdraw(channel) {
    const seat = this.#seats.get(channel.name);
    if (seat?.wanted === channel && seat.held !== channel) {
      seat.wanted = null;
    }
  }

  /** To be called when the server has ended the subscription by itself. */
  ended(channel) {
    const seat = this.#seats.get(channel.name);
    if (seat?.held === channel) {
      seat.held = null;
    }
    this.withdraw(channel);
  }

  /** Unsubscribes, if the server holds it or comes to hold it. */
  leave(channel) {
    const seat = this.#seats.get(channel.name);
    if (seat?.wanted === channel) {
      seat.wanted = null;
      this.#look(channel.name, seat);
    }
  }

  #look(name, seat) {
    if (!seat.isBusy) {
      this.#queue.add(name);
      this.#pump();
    }
  }

  #pump() {
    for (const name of this.#queue) {
      if (this.#pause !== null || this.#open >= WINDOW || !this.#connection.isUp) {
        return;
      }
      this.#queue.delete(name);
      this.#serve(name, this.#seats.get(name));
    }
  }

  #serve(name, seat) {
    const { held, wanted } = seat;
    if (held !== null && held !== wanted) {
      this.#send({ type: "unsubscribe", channel: name }, seat, () => {
        seat.held = null;
      });
    } else if (wanted !== null && held === null) {
      this.#send(wanted.request(), seat, (error, reply) => this.#answered(wanted, seat, error, reply));
    } else if (wanted === null) {
      this.#seats.delete(name);
    }
  }

  #answered(channel, seat, error, reply) {
    if (!error) {
      seat.held = channel;
    } else if (seat.wanted === channel) {
      seat.wanted = null;
    }
    channel.answered(this.#connection, error, reply);
  }

  #send(frame, seat, answer) {
    const sentAt = this.#clock.now();
    this.#open++;
    seat.isBusy = true;
    if (this.#pace.interval > 0) {
      this.#pauseFor(this.#pace.interval);
    }
    this.#connection.request(frame, (error, reply) => {
      this.#open--;
      seat.isBusy = false;
      if (error?.code === ErrorCode.RATE_LIMITED) {
        this.#pauseFor(this.#pace.refused(sentAt, this.#clock.now(), error.retryAfter));
      } else {
        this.#pace.taken();
        answer(error, reply);
      }
      this.#look(frame.channel, seat);
    });
  }

  #pauseFor(milliseconds) {
    this.#timers.cancel(this.#pause);
    this.#pause = this.#timers.after(milliseconds, () => {
      this.#pause = null;
      this.#pump();
    });
  }
}
