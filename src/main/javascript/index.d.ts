/** What the client of Starling offers. The wire protocol is described in src/docs/protocol.md of the server. */

/** Where a channel's reader is: the epoch names one incarnation of the count and may change while the count goes on, the offset is the last message seen. */
export interface Position {
  epoch: string;
  offset: number;
}

/** Why a token is wanted: for a connection, because the last one was refused, or since the present one expires soon. */
export type TokenReason = "connect" | "refused" | "refresh";

/**
 * Gives a JWT. Throw an {@link UnauthorizedError} to say that there is none to be had: the client then stops for good. With any other
 * error, and with what is not a token, it is called again later. The same goes for a token that lasts no longer than the one before.
 *
 * ```js
 * async function token() {
 *   const answer = await fetch("/token");
 *   if (answer.status === 401) {
 *     throw new UnauthorizedError("signed out"); // for good
 *   }
 *   if (!answer.ok) {
 *     throw new Error(`the token endpoint answered with ${answer.status}`); // asked again, later
 *   }
 *   return answer.text();
 * }
 * ```
 */
export type TokenSource = (reason: TokenReason) => string | Promise<string>;

export interface Options {
  /** The JWT, or (better, since tokens expire) a function that fetches one. */
  token?: string | TokenSource;
  /** Least upper bound of the wait before a new attempt, milliseconds; doubles with each failure. 1000 by default. */
  baseDelay?: number;
  /** Greatest upper bound of that wait, milliseconds; 30000 by default. The wait is drawn evenly from 0 to the bound. */
  maxDelay?: number;
  /** Retries in a row, without a connection that lasted, after which the client gives up and closes; unlimited by default. */
  maxRetries?: number;
  /** Milliseconds for a token to come, and then from the attempt to the server's first frame; 15000 by default. */
  connectTimeout?: number;
  /**
   * Milliseconds within which the server must answer a request, 10000 by default. Not of a `subscribe`, which waits as long as
   * the connection lives: on a slow link the server looks at it when the client has read what it was to recover before.
   */
  requestTimeout?: number;
  /** Milliseconds that a silent server has, after the heartbeat, to answer a ping; 10000 by default. */
  heartbeatSlack?: number;
  /** Milliseconds after which the promise of a `publish` is rejected if it is not fulfilled; 30000 by default. */
  publishTimeout?: number;
  /** Publishes that wait for a connection or an answer at most; 1000 by default. */
  maxQueuedPublishes?: number;
  /** What is rejected when there are more: the new one (the default), or the oldest that is not on its way. */
  overflow?: "reject" | "drop-oldest";
  /** How to make a WebSocket where the runtime has none of its own (Node before 22: the class of the package `ws`). */
  WebSocket?: new (url: string, protocols?: string[]) => unknown;
  /**
   * How to ask why a connection was refused, which a browser's WebSocket does not tell; the runtime's own by default.
   * With null the client does not ask: it then knows of no refusal, and of no Retry-After.
   */
  fetch?: typeof fetch | null;
  /** For tests: what tells the time and runs timers; the runtime's own by default. */
  clock?: Clock;
  /** For tests: evenly from 0 to 1; `Math.random` by default. */
  random?: () => number;
}

/** Milliseconds everywhere. */
export interface Clock {
  /** Goes on evenly; where it began says nothing. */
  now(): number;
  /** Since 1970. */
  date(): number;
  setTimeout(task: () => void, delay: number): unknown;
  clearTimeout(handle: unknown): void;
}

/**
 * `connecting`: an attempt is being made. `connected`: the server has said welcome. `waiting`: not connected, the next
 * attempt comes by itself. `closed`: for good.
 */
export type State = "connecting" | "connected" | "waiting" | "closed";

/** What the server said first on a connection. */
export interface Welcome {
  connection: string;
  node: string;
  /** Milliseconds. */
  heartbeat: number;
  maxMessageBytes: number;
  /** Milliseconds, of the token; absent if it does not expire. */
  expiresIn?: number;
  refreshIn?: number;
}

/** Why the client is, or was last, without a connection. */
export interface Disconnect {
  /** The close code; 1006 if no close frame came. */
  code: number;
  /** The close frame's text, or the client's own words. */
  reason: string;
  /** Whose doing it was: `network` also if the server refused the attempt. */
  initiator: "client" | "server" | "network";
  /** Whether the client comes back by itself. */
  willReconnect: boolean;
  /** Milliseconds until the next attempt, if it does; absent while one is being made. */
  retryIn?: number;
  /** The HTTP status of a refused attempt, and the reason from the answer, where they are known. */
  status?: number;
  refusal?: string;
  /** When it was, milliseconds since 1970. */
  at: number;
}

/** Any failure that the client reports. `code` is a number of the protocol, or a name of the client's own. */
export class StarlingError extends Error {
  readonly code:
    | number
    | "timeout"
    | "closed"
    | "queue_full"
    | "connection_lost"
    | "invalid_argument"
    | "refused"
    | "unauthorized";
  /** Whether the same may well succeed later. */
  readonly retry: boolean;
  readonly channel?: string;
  /** Milliseconds that the server wants us to wait; kept within 5 minutes. */
  readonly retryAfter?: number;
}

/** There is no token to be had; thrown by the application in its `token` function, or reported by the client. */
export class UnauthorizedError extends StarlingError {
  constructor(message?: string);
}

export interface Message<T = unknown> {
  channel: string;
  data: T;
  /** Only on channels with history. */
  offset?: number;
  /** When it came, milliseconds since 1970, by the clock of this machine. */
  receivedAt: number;
}

export interface Subscribed {
  channel: string;
  /** The position from which on messages come; absent on channels without history. */
  epoch?: string;
  offset?: number;
  /** Whether all that was missed follows; absent if there was no position to come back to. */
  recovered?: boolean;
}

/**
 * Something was lost, and the application has to load its state anew; messages go on from this position. On a channel without history
 * there is no position, and something may have been lost: the subscription was interrupted, as by a node that left before the client had
 * moved to another one. With `recover: false` it is not told.
 */
export interface Lost {
  channel: string;
  /** The last position that the client had; absent on a channel without history. */
  since?: Position;
  /** Where it goes on; absent on a channel without history. */
  position?: Position;
}

export interface Gap {
  channel: string;
  /** The first and the last offset that do not come by themselves. */
  from: number;
  to: number;
}

export interface Member {
  user: string;
  connection: string;
  /** Milliseconds since 1970; only in an answer to `presence`. */
  since?: number;
}

export interface Presence {
  count: number;
  members: Member[];
}

export interface History<T = unknown> {
  epoch: string;
  /** Of the newest message that there is; below it, ask again with the last offset of `messages`. */
  offset: number;
  messages: { data: T; offset: number }[];
}

export interface HistoryOptions {
  limit?: number;
  since?: Position;
}

export interface SubscriptionOptions {
  /**
   * Whether to come back to the last position (the default, where the channel has history), never to do so, or the
   * position to begin at, as kept by the application.
   */
  recover?: boolean | Position;
  /** A token whose rights count for this subscription, or a function that fetches one: as {@link TokenSource}, for this subscription alone. */
  token?: string | (() => string | Promise<string>);
}

export interface SubscriptionEvents<T = unknown> {
  message: Message<T>;
  subscribed: Subscribed;
  /** Told to the client's own `lost`, too; if nobody listens to either, and something is lost for certain, it is a warning on the console. */
  lost: Lost;
  gap: Gap;
  join: Member & { channel: string };
  leave: Member & { channel: string };
  /** The subscription failed. If `retry` is false it has ended. */
  error: StarlingError;
  unsubscribed: { channel: string };
}

/** One channel, for as long as the application wants it: connections come and go below. Made by {@link Starling.subscribe}. */
export interface Subscription<T = unknown> {
  readonly channel: string;
  /** `pending`: not yet confirmed by the server, or not any more. `ended`: for good. */
  readonly state: "pending" | "subscribed" | "ended";
  /** Of the last message seen; null on channels without history. */
  readonly position: Position | null;
  /** Fulfilled at the first confirmation; rejected if the subscription ends before it. */
  readonly ready: Promise<Subscribed>;
  /** Returns a function that takes the listener away again. */
  on<K extends keyof SubscriptionEvents<T>>(event: K, listener: (value: SubscriptionEvents<T>[K]) => void): () => void;
  off<K extends keyof SubscriptionEvents<T>>(event: K, listener: (value: SubscriptionEvents<T>[K]) => void): void;
  publish(data: unknown, options?: PublishOptions): Promise<Published>;
  history(options?: HistoryOptions): Promise<History<T>>;
  presence(): Promise<Presence>;
  /** Ends it. */
  unsubscribe(): void;
}

export interface PublishOptions {
  /** Idempotency key, up to 64 characters; made by the client if there is none. */
  key?: string;
  /** Milliseconds, instead of `publishTimeout`; a positive number. */
  timeout?: number;
}

/** Where the message is in the channel's history; empty on channels without. */
export interface Published {
  epoch?: string;
  offset?: number;
}

export interface Events {
  state: { state: State; previous: State };
  connected: Welcome;
  disconnected: Disconnect;
  /** The server leaves; the client makes its next connection before this one ends. Milliseconds. */
  goaway: { reason: string; reconnectAfter: number; closeBy: number };
  /** What went wrong without being the answer to a call: a token that could not be had, an error that names no request. */
  error: StarlingError;
  /** Of any subscription. */
  lost: Lost;
  gap: Gap;
}

/**
 * A connection to Starling that survives: it comes back by itself, subscribes anew, and recovers what was missed. Connects
 * at once. Throws a TypeError if an argument is no good.
 */
export class Starling {
  constructor(url: string | URL, options?: Options);
  readonly state: State;
  /** Of the present connection; null if there is none. */
  readonly welcome: Welcome | null;
  readonly lastDisconnect: Disconnect | null;
  /** The last measured time from a request to its answer, milliseconds; null if none was measured. */
  readonly roundTrip: number | null;
  /** Publishes that wait for a connection or an answer. */
  readonly queuedPublishes: number;
  on<K extends keyof Events>(event: K, listener: (value: Events[K]) => void): () => void;
  off<K extends keyof Events>(event: K, listener: (value: Events[K]) => void): void;
  /** The one subscription of a channel: made at the first call, the same at the next ones until it ends. */
  subscribe<T = unknown>(channel: string, options?: SubscriptionOptions): Subscription<T>;
  /** Publishes, when there is a connection; again, if need be, with the same key, so that it is one message. */
  publish(channel: string, data: unknown, options?: PublishOptions): Promise<Published>;
  history<T = unknown>(channel: string, options?: HistoryOptions): Promise<History<T>>;
  presence(channel: string): Promise<Presence>;
  /** Asks the server for a sign of life; gives the round trip, and the server's clock, milliseconds since 1970. */
  ping(): Promise<{ roundTrip: number; ts: number }>;
  /** Ends the connection and all that waits, at once and for good. No timer or listener is left. */
  close(): void;
}

export default Starling;
