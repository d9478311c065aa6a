import { ABNORMAL, ErrorCode } from "./codes.js";
import { StarlingError } from "./errors.js";
import { askWhy, readAnswer } from "./refusal.js";
import { Roster } from "./roster.js";
import { Timers } from "./timers.js";
import { HOUR, LEAST, within } from "./wish.js";

const SUBPROTOCOL = "starling.v1";
const NORMAL = 1000;

/** How long after an `error` the `close` may come, milliseconds. */
const CLOSE_FOLLOWS = 100;

/** When a server does not say how often it gives a sign of life. Milliseconds. */
const USUAL_HEARTBEAT = 30_000;

/**
 * One WebSocket, from the attempt to its end: requests and their answers, signs of life. Knows nothing of channels. Tells its
 * owner of `welcome(connection, frame)`, of each `push(connection, frame)` that answers no request, and once of
 * `closed(connection, end)`, where `end` is `{code, reason, initiator, status?, refusal?, retryAfter?}`.
 */
export class Connection {
  #settings;
  #owner;
  #url;
  #token;
  #socket;
  #timers;
  #requests = new Map();
  #lastId = 0;
  #watch = null;
  #heartbeat = USUAL_HEARTBEAT;
  #heardAt = 0;
  #askedAt = null;
  #refused = null;
  #question = null;
  #isDown = false;
  #ended = false;

  /** The subscriptions that are made here. */
  roster;
  /** What the server said first; null until then. */
  welcome = null;
  /** The last measured time from a request to its answer, milliseconds. */
  roundTrip = null;

  constructor(url, token, settings, owner) {
    this.#url = url;
    this.#token = token;
    this.#settings = settings;
    this.#owner = owner;
    this.#timers = new Timers(settings.clock);
    this.roster = new Roster(this, this.#timers, settings.clock);
    this.#open();
    this.#watch = this.#timers.after(settings.connectTimeout, () => this.#lost("no welcome came in time"));
  }

  #open() {
    const protocols = this.#token ? [SUBPROTOCOL, `bearer.${this.#token}`] : [SUBPROTOCOL];
    const socket = new this.#settings.WebSocket(this.#url.href, protocols);
    this.#socket = socket;
    socket.onmessage = (event) => this.#received(event.data);
    // `close` follows, but for that of Node 22, which does not say so if the upgrade failed.
    socket.onerror = () => this.#erred();
    socket.onclose = (event) => this.#closed(event.code || ABNORMAL, event.reason);
    if (typeof socket.on === "function") {
      socket.on("unexpected-response", (request, response) => {
        readAnswer(response, (refused) => {
          this.#refused = refused;
          socket.terminate();
        });
      });
    }
  }

  #erred() {
    if (!this.#ended) {
      this.#timers.after(CLOSE_FOLLOWS, () => this.#closed(ABNORMAL, ""));
    }
  }

  /** Whether requests are answered here. */
  get isUp() {
    return this.welcome !== null && !this.#ended;
  }

  /** Requests without an answer so far. */
  get openRequests() {
    return this.#requests.size;
  }

  /**
   * Sends a request. `answer(error, reply)` is called once, in the order in which the server's frames come: with the
   * reply, or with why there is none, `connection_lost` included. `data` is JSON text that goes along untouched.
   *
   * A `subscribe` may wait for long: the server looks at it when the client has read what it was to recover before.
   */
  request(frame, answer, data) {
    if (!this.isUp) {
      answer(StarlingError.connectionLost());
      return;
    }
    const id = ++this.#lastId;
    const text = encode({ ...frame, id }, data);
    if (isLonger(text, this.welcome.maxMessageBytes)) {
      answer(tooLarge(frame, this.welcome.maxMessageBytes));
      return;
    }
    const timer = frame.type === "subscribe" ? null : this.#timers.after(this.#settings.requestTimeout, () => this.#late(id, frame));
    this.#requests.set(id, { answer, timer, sentAt: this.#settings.clock.now() });
    this.#socket.send(text);
  }

  #late(id, { type, channel }) {
    const { answer } = this.#requests.get(id);
    this.#requests.delete(id);
    answer(new StarlingError(`no answer to ${type} in time`, { code: "timeout", retry: true, channel }));
  }

  /** Asks for a sign of life: something has happened after which the link may be dead. */
  probe() {
    if (this.isUp && this.#askedAt === null) {
      this.#timers.cancel(this.#watch);
      this.#ask();
    }
  }

  /** Ends it at once; the owner is not told. */
  close(reason = "") {
    if (!this.#ended) {
      this.#end();
      this.#socket.close(NORMAL, reason);
    }
  }

  #received(data) {
    if (this.#ended) {
      return;
    }
    this.#heardAt = this.#settings.clock.now();
    const frame = parse(data);
    if (frame === null) {
      return;
    }
    const request = frame.id === undefined ? undefined : this.#requests.get(frame.id);
    if (request) {
      this.#answered(request, frame);
    } else if (frame.type === "welcome") {
      this.#welcomed(frame);
    } else if (this.welcome !== null) {
      this.#owner.push(this, frame);
    }
  }

  #answered(request, frame) {
    this.#requests.delete(frame.id);
    this.#timers.cancel(request.timer);
    if (frame.type === "error") {
      request.answer(StarlingError.of(frame));
    } else {
      this.roundTrip = this.#heardAt - request.sentAt;
      request.answer(null, frame);
    }
  }

  #welcomed(frame) {
    if (this.welcome === null) {
      this.welcome = frame;
      this.#heartbeat = within(frame.heartbeat, LEAST, HOUR) ?? USUAL_HEARTBEAT;
      this.#timers.cancel(this.#watch);
      this.#watch = this.#timers.after(this.#heartbeat, () => this.#listen());
      this.#owner.welcome(this, frame);
    }
  }

  /** Runs when the server may have been silent for a heartbeat. */
  #listen() {
    const silent = this.#settings.clock.now() - this.#heardAt;
    if (silent < this.#heartbeat) {
      this.#watch = this.#timers.after(this.#heartbeat - silent, () => this.#listen());
    } else {
      this.#ask();
    }
  }

  #ask() {
    this.#askedAt = this.#settings.clock.now();
    this.#watch = this.#timers.after(this.#settings.heartbeatSlack, () => this.#judge());
    this.request({ type: "ping" }, () => {});
  }

  #judge() {
    if (this.#heardAt < this.#askedAt) {
      this.#lost("nothing came within the heartbeat");
    } else {
      this.#askedAt = null;
      this.#listen();
    }
  }

  /** Gives it up without waiting for the other side, which may not be there. */
  #lost(reason) {
    this.#finish({ code: ABNORMAL, reason, initiator: "client" });
    this.#socket.close();
  }

  #closed(code, reason) {
    if (this.#ended || this.#isDown) {
      return;
    }
    this.#isDown = true;
    const initiator = code === ABNORMAL ? "network" : "server";
    const end = { code, reason: reason || (this.welcome ? "the connection was lost" : "no connection"), initiator };
    if (this.welcome === null && code === ABNORMAL) {
      this.#explain(end);
    } else {
      this.#finish(end);
    }
  }

  /** Finds out why the upgrade was refused, if it was, within the time of the attempt. */
  async #explain(end) {
    let refused = this.#refused;
    if (refused === null && typeof this.#socket.on !== "function" && this.#settings.fetch) {
      this.#question = new AbortController();
      refused = await askWhy(this.#url, this.#token, this.#settings.fetch, this.#question.signal);
    }
    if (!this.#ended) {
      this.#finish(refused === null ? end : { ...end, ...told(refused) });
    }
  }

  #finish(end) {
    this.#end();
    this.#owner.closed(this, end);
  }

  #end() {
    this.#ended = true;
    this.#timers.clear();
    this.#question?.abort();
    const open = [...this.#requests.values()];
    this.#requests.clear();
    open.forEach((request) => request.answer(StarlingError.connectionLost()));
  }
}

function told({ status, reason, retryAfter }) {
  return { reason: `refused with ${status}${reason ? ` (${reason})` : ""}`, status, refusal: reason, retryAfter };
}

function encode(frame, data) {
  const text = JSON.stringify(frame);
  return data === undefined ? text : `${text.slice(0, -1)},"data":${data}}`;
}

/** Whether it has more bytes of UTF-8: the server would close the connection, for good. */
function isLonger(text, most) {
  return text.length * 3 > most && new TextEncoder().encode(text).length > most;
}

function tooLarge({ type, channel }, most) {
  return new StarlingError(`${type} is larger than the ${most} bytes that the server takes`, { code: ErrorCode.TOO_LARGE, channel });
}

/** The frame; null if it is none: what the client does not understand must not harm it. */
function parse(data) {
  try {
    const frame = typeof data === "string" ? JSON.parse(data) : null;
    return typeof frame === "object" && typeof frame?.type === "string" ? frame : null;
  } catch {
    return null;
  }
}
