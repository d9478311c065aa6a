import { Backoff } from "./backoff.js";
import { UnauthorizedError } from "./errors.js";
import { Timers } from "./timers.js";
import { fetchToken } from "./token.js";

/** Brings a connection a new token when the server says that it is time. */
export class Renewal {
  #source;
  #failed;
  #timeout;
  #timers;
  #backoff;
  #connection = null;

  /**
   * @param source the application's function, or anything else if it has none: then nothing is renewed
   * @param failed told of each failure; an UnauthorizedError is the last
   */
  constructor(source, settings, failed) {
    this.#source = source;
    this.#failed = failed;
    this.#timeout = settings.connectTimeout;
    this.#timers = new Timers(settings.clock);
    this.#backoff = new Backoff(settings.baseDelay, settings.maxDelay, settings.random);
  }

  /** From now on for this connection alone, whose server has just said when: `welcome` or `refreshed`. */
  begin(connection, { refreshIn }) {
    this.#timers.clear();
    this.#connection = connection;
    if (typeof this.#source === "function" && refreshIn >= 0) {
      this.#timers.after(refreshIn, () => this.#renew(connection));
    }
  }

  async #renew(connection) {
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
          this.#backoff.reset();
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
      this.#timers.after(this.#backoff.next(), () => this.#renew(connection));
    }
    this.#failed(error);
  }

  #serves(connection) {
    return connection === this.#connection && connection.isUp;
  }

  stop() {
    this.#connection = null;
    this.#timers.clear();
  }
}
