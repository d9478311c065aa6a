import { Backoff } from "./backoff.js";
import { ABNORMAL, isTerminal } from "./codes.js";
import { Connection } from "./connection.js";
import { StarlingError, UnauthorizedError } from "./errors.js";
import { Handover } from "./handover.js";
import { Renewal } from "./renewal.js";
import { Timers } from "./timers.js";
import { fetchToken } from "./token.js";
import { onWake } from "./wake.js";
import { HOUR, within } from "./wish.js";

/** `Retry-After` has whole seconds; those who read the same one are spread over the next. Milliseconds. */
const SPREAD = 1000;

const TOKEN_EXPIRED = 4006;

/**
 * Keeps one connection to the server: attempts, waits, and moves from a leaving node to another, where the next connection
 * is made before the last one ends. Tells its owner:
 * `state({state, previous})`, `up(connection)` before its first request, `push(connection, frame)`, `down(connection, isMoveComplete)`,
 * `goaway(frame)`, `disconnected(disconnect)`, `failed(error)`, `woken()`, `stopped(error?)`; asks it `isSettledOn(connection)`.
 */
export class Link {
  #address;
  #settings;
  #owner;
  #timers;
  #backoff;
  #renewal;
  #stopWaking;
  /** `{connection?, reason}`: the attempt under way. */
  #attempt = null;
  /** `{timer, reason, at, moves}`: the wait for the next one, until when, and whether a leaving node asked for it. */
  #retry = null;
  #handovers = new Set();

  state = "connecting";
  /** The connection for whatever is to be sent; null if there is none. */
  current = null;
  lastDisconnect = null;

  constructor(address, settings, owner) {
    this.#address = address;
    this.#settings = settings;
    this.#owner = owner;
    this.#timers = new Timers(settings.clock);
    this.#backoff = new Backoff(settings);
    this.#renewal = new Renewal(settings.token, settings, (error) => this.#renewalFailed(error));
    this.#stopWaking = onWake((isNetwork) => this.#wake(isNetwork), settings.clock);
    this.#dial("connect");
  }

  async #dial(reason) {
    this.#timers.cancel(this.#retry?.timer);
    this.#retry = null;
    const attempt = { reason };
    this.#attempt = attempt;
    this.#show();
    try {
      const token = await fetchToken(this.#settings.token, reason, this.#timers, this.#settings.connectTimeout);
      if (attempt === this.#attempt) {
        attempt.connection = new Connection(this.#address, token, this.#settings, this);
      }
    } catch (error) {
      if (attempt === this.#attempt) {
        this.#attempt = null;
        this.#notTried(error, reason);
      }
    }
  }

  /** There was nothing to try with. */
  #notTried(error, reason) {
    const end = ownEnd(error);
    if (!(error instanceof StarlingError)) {
      this.#giveUp(end, new StarlingError(error.message, { code: "invalid_argument" })); // the runtime's own: it won't change
    } else if (error instanceof UnauthorizedError) {
      this.#giveUp(end, error);
    } else {
      this.#owner.failed(error);
      this.#again(end, this.#backoff.next(), reason);
    }
  }

  /** Called by the connection, as are `push` and `closed`. */
  welcome(connection, frame) {
    const old = this.current;
    this.#attempt = null;
    this.current = connection;
    this.#backoff.succeeded();
    this.#renewal.begin(connection, frame);
    if (old) {
      this.#move(old);
    }
    this.#show();
    if (this.state !== "closed") { // by a listener
      this.#owner.up(connection);
    }
  }

  #move(old) {
    const handover = new Handover(
      old,
      () => this.current !== null && this.#owner.isSettledOn(this.current),
      () => this.#endHandover(handover, true),
      this.#settings.clock,
    );
    this.#handovers.add(handover);
  }

  /** Closes what was left, if it is there. */
  #endHandover(handover, isComplete) {
    if (this.#handovers.delete(handover)) {
      handover.stop();
      handover.old.close("moved");
      this.#owner.down(handover.old, isComplete);
    }
  }

  /** To be called when a channel has come over. */
  settled() {
    this.#handovers.forEach((handover) => handover.look());
  }

  push(connection, frame) {
    if (frame.type === "goaway") {
      this.#goAway(connection, frame);
    } else {
      this.#owner.push(connection, frame);
    }
  }

  #goAway(connection, { reason, reconnectAfter, closeBy }) {
    if (connection !== this.current) {
      return;
    }
    const wait = within(reconnectAfter, 0, HOUR) ?? 0;
    const end = within(closeBy, wait, HOUR) ?? wait;
    this.#owner.goaway({ reason: String(reason), reconnectAfter: wait, closeBy: end });
    if (this.#attempt === null && this.#retry === null) {
      // Nodes that send the client on as soon as it comes must not keep it busy.
      this.#wait(this.#backoff.hasLasted ? wait : Math.max(wait, this.#backoff.next()), "connect", true);
    }
  }

  closed(connection, end) {
    if (connection === this.#attempt?.connection) {
      const { reason } = this.#attempt;
      this.#attempt = null;
      this.#attemptFailed(end, reason);
    } else if (connection === this.current) {
      this.current = null;
      this.#owner.down(connection, false);
      this.#dropped(end);
    } else {
      this.#handovers.forEach((handover) => handover.old === connection && this.#endHandover(handover, false));
    }
  }

  #dropped(end) {
    if (isTerminal(end.code)) {
      this.#refused(end);
    } else if (this.#attempt || this.#retry) { // the move to another node is under way
      this.#report(end, this.#leftToWait());
      this.#show();
    } else {
      this.#again(end, this.#backoff.next(), end.code === TOKEN_EXPIRED ? "refused" : "connect");
    }
  }

  /** What is left of the wait, if there is one: of that for a move, no more than without a server's wish. */
  #leftToWait() {
    if (this.#retry === null) {
      return undefined;
    }
    const { timer, reason, at, moves } = this.#retry;
    const left = Math.max(0, at - this.#settings.clock.now());
    const { maxDelay, random } = this.#settings;
    if (!moves || left <= maxDelay) {
      return left;
    }
    this.#timers.cancel(timer);
    this.#wait(random() * maxDelay, reason);
    return this.#leftToWait();
  }

  #attemptFailed(end, reason) {
    const wait = this.#backoff.next();
    const isStarling = end.refusal !== undefined; // else it is a proxy's word, and may be another one's soon
    if (isTerminal(end.code) || (end.status === 403 && isStarling)) {
      this.#refused(end);
    } else if (end.status === 401 && isStarling && typeof this.#settings.token !== "function") {
      this.#giveUp(end, new UnauthorizedError(`${end.reason}, and there is no other token`));
    } else if (end.status === 401) {
      this.#again(end, reason === "refused" ? wait : 0, "refused");
    } else if (end.retryAfter !== undefined) {
      this.#again(end, end.retryAfter + this.#settings.random() * SPREAD, "connect");
    } else {
      this.#again(end, wait, "connect");
    }
  }

  #again(end, wait, reason) {
    if (this.state === "closed") {
      return; // by a listener
    }
    if (this.current === null && this.#backoff.failures > this.#settings.maxRetries) {
      this.#giveUp(end, new StarlingError(`gave up: ${end.reason}`, { code: "connection_lost", retry: true }));
      return;
    }
    this.#wait(wait, reason);
    if (this.current === null) { // else an attempt to move has failed
      this.#report(end, wait);
    }
    this.#show();
  }

  #wait(delay, reason, moves = false) {
    if (this.state === "closed") {
      return;
    }
    const timer = this.#timers.after(delay, () => this.#dial(reason));
    this.#retry = { timer, reason, at: this.#settings.clock.now() + delay, moves };
  }

  #report({ code, reason, initiator, status, refusal }, retryIn, willReconnect = true) {
    const at = this.#settings.clock.date();
    this.lastDisconnect = { code, reason, initiator, willReconnect, retryIn, status, refusal, at };
    this.#owner.disconnected(this.lastDisconnect);
  }

  #refused(end) {
    const message = `the server does not want us back: ${end.reason} (${end.status ?? end.code})`;
    this.#giveUp(end, new StarlingError(message, { code: "refused" }));
  }

  /** Ends all for a reason that is not the application's wish. */
  #giveUp(end, error) {
    this.#report(end, undefined, false);
    this.stop(error);
  }

  /** The network or the page is back. An attempt that was made without a network may hang for long. */
  #wake(isNetwork) {
    if (this.#retry) {
      this.#dial(this.#retry.reason);
    } else if (isNetwork && this.#attempt?.connection) {
      const { connection, reason } = this.#attempt;
      connection.close();
      this.#dial(reason);
    }
    this.current?.probe();
    this.#renewal.wake();
    this.#owner.woken();
  }

  #renewalFailed(error) {
    if (error instanceof UnauthorizedError) {
      this.#giveUp(ownEnd(error), error);
    } else {
      this.#owner.failed(error);
    }
  }

  #show() {
    if (this.state === "closed") {
      return;
    }
    const previous = this.state;
    this.state = this.current ? "connected" : this.#attempt ? "connecting" : "waiting";
    if (this.state !== previous) {
      this.#owner.state({ state: this.state, previous });
    }
  }

  /** Ends all, for good. @param error why, if it is not the application's wish */
  stop(error) {
    if (this.state === "closed") {
      return;
    }
    const previous = this.state;
    this.state = "closed";
    this.#timers.clear();
    this.#renewal.stop();
    this.#stopWaking();
    const connections = [this.#attempt?.connection, this.current];
    this.#attempt = null;
    this.#retry = null;
    this.current = null;
    this.#handovers.forEach((handover) => this.#endHandover(handover, true));
    connections.forEach((connection) => connection?.close());
    this.#owner.stopped(error);
    this.#owner.state({ state: this.state, previous });
  }
}

/** Of an end that was the client's own doing. */
function ownEnd(error) {
  return { code: ABNORMAL, reason: error.message, initiator: "client" };
}
