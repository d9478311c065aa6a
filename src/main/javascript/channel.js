import { Backoff } from "./backoff.js";
import { ErrorCode } from "./codes.js";
import { Emitter } from "./emitter.js";
import { StarlingError } from "./errors.js";
import { LINGER } from "./handover.js";
import { Timers } from "./timers.js";
import { fetchToken } from "./token.js";

/**
 * What the client knows of one channel that it listens to: its place, and the connection that the messages come by. While
 * the client moves from one connection to the next, both may bring them.
 *
 * With history, each connection brings all messages from some place on without a hole, so those of the new one, less what
 * was seen already, are all. Without history nothing tells two messages apart: what both bring comes twice, rather than not at all.
 */
export class Channel {
  #client;
  #options;
  #clock;
  #tokenTimeout;
  #timers;
  #backoff;
  #retry = null;
  /** The connection that was asked last. */
  #asked = null;
  /** The connection that has said `subscribed` last, and the one before, as long as it lives. */
  #source = null;
  #previous = null;
  /** When the source took over from the connection before. */
  #movedAt = 0;
  #settled = false;
  /** Whether the connection asked is that of a move: then the one before still brings everything. */
  #moves = false;
  /** Its own token, for the request. */
  #token = undefined;
  /** The position that the server was asked to recover from last; null if none. */
  #since = null;
  /** Whether messages may have been missed of which no position tells. */
  #interrupted = false;

  name;
  events = new Emitter();
  state = "pending";
  /** `{epoch, offset}` of the last message seen; null on a channel without history. */
  position = null;
  ready;
  #resolveReady;
  #rejectReady;

  /** @param client `{ended(), settled(), told(event, value) => boolean}` @param settings as of the client */
  constructor(name, options, settings, client) {
    this.name = name;
    this.#options = options;
    this.#client = client;
    this.#clock = settings.clock;
    this.#tokenTimeout = settings.connectTimeout;
    this.#timers = new Timers(settings.clock);
    this.#backoff = new Backoff(settings);
    if (typeof options.recover === "object" && options.recover !== null) {
      this.position = { epoch: options.recover.epoch, offset: options.recover.offset };
    }
    this.ready = new Promise((resolve, reject) => {
      this.#resolveReady = resolve;
      this.#rejectReady = reject;
    });
    this.ready.catch(() => {}); // nobody has to wait for it
  }

  /** Whether the connection has answered, one way or the other, or never will. */
  isSettledOn(connection) {
    return this.state === "ended" || (this.#asked === connection && this.#settled);
  }

  /** Subscribes on a connection, from the last position on. */
  subscribeOn(connection) {
    if (this.#asked === connection && !this.#settled && this.#retry === null) {
      return; // the answer is on its way
    }
    this.#timers.cancel(this.#retry);
    this.#retry = null;
    if (this.#asked !== connection) {
      this.#asked?.roster.withdraw(this);
    }
    this.#asked = connection;
    this.#settled = false;
    this.#moves = this.#source !== null && this.#source !== connection;
    if (this.#options.token === undefined) {
      connection.roster.subscribe(this);
    } else {
      this.#subscribeWithToken(connection);
    }
  }

  async #subscribeWithToken(connection) {
    try {
      const token = await fetchToken(this.#options.token, "subscribe", this.#timers, this.#tokenTimeout);
      if (this.#isWantedOn(connection)) {
        this.#token = token;
        connection.roster.subscribe(this);
      }
    } catch ({ message, retry }) {
      this.#refused(connection, new StarlingError(message, { code: ErrorCode.INVALID_TOKEN, retry, channel: this.name }));
    }
  }

  /** The network or the page is back: what failed may work now. */
  wake() {
    if (this.#retry !== null && this.#asked.isUp) {
      this.subscribeOn(this.#asked);
    }
  }

  #isWantedOn(connection) {
    return this.#asked === connection && this.state !== "ended";
  }

  /** The frame that subscribes; called by the roster when it is sent. */
  request() {
    // What happens while the client moves is not for the application to lose, whatever it wants to come back to.
    const since = this.#options.recover === false && !this.#moves ? null : this.position;
    this.#since = since && { epoch: since.epoch, offset: since.offset };
    return { type: "subscribe", channel: this.name, recover: this.#since ?? undefined, token: this.#token };
  }

  /** Called by the roster with the answer to the last request. */
  answered(connection, error, reply) {
    if (!this.#isWantedOn(connection)) {
      return;
    }
    const since = this.#since;
    if (!error) {
      this.#confirmed(connection, since, reply);
    } else if (error.code === ErrorCode.UNRECOVERABLE_POSITION && since) {
      this.position = null; // the channel has no history any more
      this.#lost({ channel: this.name, since });
      if (this.#isWantedOn(connection)) {
        connection.roster.subscribe(this);
      }
    } else if (error.code !== "connection_lost") {
      const isOld = error.code === ErrorCode.INVALID_TOKEN && typeof this.#options.token === "function"; // its next one may do
      this.#refused(connection, isOld ? new StarlingError(error.message, { ...error, retry: true }) : error);
    }
  }

  #confirmed(connection, since, reply) {
    if (this.#source !== connection) {
      this.#previous = this.#source;
      this.#source = connection;
      this.#movedAt = this.#clock.now();
    }
    this.state = "subscribed";
    this.#backoff.succeeded();
    const interrupted = this.#interrupted && since === null;
    this.#interrupted = false;
    const place = position(reply);
    const recovered = since === null ? undefined : reply.recovered === true;
    if (recovered !== true) {
      this.position = place && { ...place };
    }
    const subscribed = { channel: this.name, ...place, recovered };
    this.events.emit("subscribed", subscribed);
    if (recovered === false || interrupted) {
      this.#lost({ channel: this.name, since: since ?? undefined, position: place ? { ...place } : undefined });
    }
    this.#resolveReady(subscribed);
    this.#settle(connection);
  }

  #settle(connection) {
    if (this.#asked === connection) {
      this.#settled = true;
      this.#client.settled();
    }
  }

  /** The subscription could not be had, or has been taken away. */
  #refused(connection, error) {
    if (!this.#isWantedOn(connection)) {
      return;
    }
    if (!error.retry) {
      this.end(error);
      return;
    }
    this.state = "pending";
    this.events.emit("error", error);
    if (this.state === "ended") {
      return; // the listener's wish
    }
    const delay = Math.max(error.retryAfter ?? 0, this.#backoff.next());
    this.#retry = this.#timers.after(delay, () => {
      if (connection.isUp) {
        this.subscribeOn(connection);
      }
    });
    if (this.#source === null || this.#source === connection) {
      this.#settle(connection); // else it has not come over, as long as the old one brings it
    }
  }

  /** A frame of this channel that answers no request. */
  push(connection, frame) {
    if (connection === this.#source) {
      this.#fromSource(connection, frame);
    } else if (connection === this.#previous && frame.type === "message" && frame.offset === undefined) {
      this.#emitMessage(frame);
    }
  }

  #fromSource(connection, frame) {
    switch (frame.type) {
      case "message":
        this.#message(frame);
        break;
      case "gap":
        this.#gap(frame);
        break;
      case "subscribed":
        this.#begunAnew(frame);
        break;
      case "join":
      case "leave":
        this.events.emit(frame.type, { channel: this.name, user: frame.user, connection: frame.connection });
        break;
      case "error":
        if (frame.id === undefined) { // else it is a late answer to something else
          connection.roster.ended(this);
          this.#interrupt(); // also while the client moves: its next connection is asked, but has not confirmed
          this.#refused(connection, StarlingError.of(frame));
        }
        break;
      default: // of a newer protocol
    }
  }

  #message(frame) {
    const { offset } = frame;
    if (Number.isSafeInteger(offset) && this.position) {
      if (offset <= this.position.offset) {
        return; // the connection before has brought it
      }
      if (offset > this.position.offset + 1) {
        this.#missing(this.position.offset + 1, offset - 1); // no server does that; but if, it shall be known
        if (this.state === "ended") {
          return; // the listener's wish
        }
      }
      this.position.offset = offset;
    }
    this.#emitMessage(frame);
  }

  #emitMessage({ data, offset }) {
    this.events.emit("message", { channel: this.name, data, offset, receivedAt: this.#clock.date() });
  }

  #gap({ from, to }) {
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to)) {
      return;
    }
    const next = this.position ? this.position.offset + 1 : from;
    if (to >= next) {
      this.#missing(Math.max(from, next), to);
      if (this.position) {
        this.position.offset = to;
      }
    }
  }

  #missing(from, to) {
    const gap = { channel: this.name, from, to };
    this.events.emit("gap", gap);
    this.#client.told("gap", gap);
  }

  /** Another epoch goes on with the count where the one before ends; or nothing is known of what was between the two. */
  #begunAnew(frame) {
    const since = this.position ?? undefined;
    const place = position(frame);
    if (frame.recovered === true && place && frame.id === undefined) {
      // What was seen of an epoch past its end was lost later, whatever the server has to say of others.
      this.#replace(since, place, since !== undefined && since.offset > place.offset);
    } else if (frame.recovered === false) {
      this.#replace(since, place, true);
    }
  }

  #replace(since, place, isLost) {
    if (!isLost && since) {
      this.#gap({ from: since.offset + 1, to: place.offset }); // no server leaves one; but if, it shall be known
    }
    this.position = place;
    if (isLost) {
      this.events.emit("subscribed", { channel: this.name, ...place, recovered: false });
      this.#lost({ channel: this.name, since, position: place ? { ...place } : undefined });
    }
  }

  #lost(lost) {
    const heard = this.events.emit("lost", lost);
    const isSure = lost.since !== undefined || lost.position !== undefined;
    if (!this.#client.told("lost", lost) && !heard && isSure) {
      console.warn(`starling: messages of ${this.name} were lost, and nobody listens to "lost"`, lost);
    }
  }

  /** The connection is gone. @param isMoveComplete whether the client has left it by itself, when all had come over */
  disconnected(connection, isMoveComplete) {
    if (connection === this.#previous) {
      this.#previous = null;
      const isSoon = !isMoveComplete && this.#clock.now() - this.#movedAt < LINGER;
      if (isSoon && this.position === null && this.#options.recover !== false) {
        this.#lost({ channel: this.name }); // what it would still have brought
      }
    }
    if (connection === this.#source) {
      this.#source = null;
      this.state = this.state === "subscribed" ? "pending" : this.state;
      this.#interrupt();
    }
  }

  /** Nothing comes for now. On a channel without history, no position tells later what did not. */
  #interrupt() {
    this.#interrupted = this.position === null && this.#options.recover !== false;
  }

  /** Nothing comes any more: by the wish of the application, or for good reason. */
  end(error) {
    if (this.state === "ended") {
      return;
    }
    const connection = this.#asked;
    this.state = "ended";
    this.#timers.clear();
    this.#client.ended();
    connection?.roster.leave(this);
    if (error) {
      this.events.emit("error", error);
    }
    this.#rejectReady(error ?? new StarlingError("the subscription was ended", { code: "closed", channel: this.name }));
    this.events.emit("unsubscribed", { channel: this.name });
    this.#client.settled();
  }
}

function position({ epoch, offset }) {
  return typeof epoch === "string" && Number.isSafeInteger(offset) ? { epoch, offset } : null;
}
