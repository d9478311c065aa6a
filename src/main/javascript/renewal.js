import { Backoff } from "./backoff.js";
import { UnauthorizedError } from "./errors.js";
import { Timers } from "./timers.js";
import { fetchToken } from "./token.js";
import { LEAST, within } from "./wish.js";

/** Ends that differ by less may be the same one, heard on a link whose delay varies. Milliseconds. */
const SAME_END = 500;

/**
 * Brings a connection a new token when the server says that it is time. A token that does not last longer than the one before, as
 * from a cache, counts as a failure: the server would ask for the next one sooner and sooner.
 */
export class Renewal {
  #source;
  #failed;
  #timeout;
  #clock;
  #timers;
  #backoff;
  #connection = null;
  /** When the present token ends, by the clock. */
  #endsAt = -Infinity;
  /** The wait after a failure. */
  #retry = null;

  /**
   * @param source the application's function, or anything else if it has none: then nothing is renewed
   * @param failed told of each failure; an UnauthorizedError is the last
   */
  constructor(source, settings, failed) {
    this.#source = source;
    this.#failed = failed;
    this.#timeout = settings.connectTimeout;
    this.#clock = settings.clock;
    this.#timers = new Timers(settings.clock);
    this.#backoff = new Backoff(settings);
  }

  /** From now on for this connection alone, whose server has just said when: `welcome` or `refreshed`. */
  begin(connection, { expiresIn, refreshIn }) {
    this.#timers.clear();
    this.#retry = null;
    this.#connection = connection;
    const wish = within(refreshIn, LEAST, Infinity);
    if (typeof this.#source !== "function" || wish === undefined) {
      return;
    }
    const left = within(expiresIn, 0, Infinity) ?? wish;
    const endsAt = this.#clock.now() + left;
    const lastsLonger = left > LEAST && endsAt > this.#endsAt + SAME_END;
    this.#endsAt = endsAt;
    if (lastsLonger) {
      this.#backoff.succeeded();
    }
    const wait = lastsLonger ? wish : Math.max(wish, this.#backoff.next());
    this.#timers.after(wait, () => this.#renew(connection));
  }

  /** The network or the page is back: what failed may work now. */
  wake() {
    if (this.#retry !== null) {
      this.#timers.cancel(this.#retry);
      this.#renew(this.#connection);
    }
  }

  async #renew(connection) {
    this.#retry = null;
    if (!this.#serves(connection)) {
      return; // lost since it was to be tried again
    }
    let token;
    try {
      token = await fetchToken(this.#source, "refresh", this.#timers, this.#timeout);
    } catch (error) {
      this.#again(connection, error);
      return;
    }
    if (this.#serves(connection)) {
      connection.request({ type: "refresh", token }, (error, reply) => {
        if (!this.#serves(connection)) {
          return;
        }
        if (!error) {
          this.begin(connection, reply);
        } else if (error.code !== "connection_lost") {
          this.#again(connection, error);
        }
      });
    }
  }

  #again(connection, error) {
    if (!this.#serves(connection)) {
      return;
    }
    if (!(error instanceof UnauthorizedError)) {
      const wait = Math.max(LEAST, error.retryAfter ?? 0, this.#backoff.next());
      this.#retry = this.#timers.after(wait, () => this.#renew(connection));
    }
    this.#failed(error);
  }

  #serves(connection) {
    return connection === this.#connection && connection.isUp;
  }

  stop() {
    this.#connection = null;
    this.#retry = null;
    this.#timers.clear();
  }
}
