import { ErrorCode } from "./codes.js";
import { LONGEST, within } from "./wish.js";

/** Any failure that the client reports. */
export class StarlingError extends Error {
  /**
   * @param {string} message for people
   * @param {{code: number | string, retry?: boolean, channel?: string, retryAfter?: number}} details `code` is a number of
   *   the protocol or a name of the client's own, `retryAfter` in milliseconds
   */
  constructor(message, { code, retry = false, channel, retryAfter }) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.retry = retry;
    this.channel = channel;
    this.retryAfter = retryAfter;
  }

  /** The same of an `error` frame. */
  static of(frame) {
    return new StarlingError(text(frame.message) ?? text(frame.error) ?? "the server refused", {
      code: Number.isInteger(frame.code) ? frame.code : ErrorCode.INTERNAL,
      retry: frame.retry === true,
      channel: text(frame.channel),
      retryAfter: within(frame.retryAfter, 1, LONGEST),
    });
  }

  /** Of what could not be done since the connection went away; it can be asked again on the next one. */
  static connectionLost() {
    return new StarlingError("the connection was lost before the answer came", { code: "connection_lost", retry: true });
  }
}

/** There is no token to be had: the client stops for good. */
export class UnauthorizedError extends StarlingError {
  constructor(message = "no token that the server takes is to be had") {
    super(message, { code: "unauthorized" });
  }
}

function text(value) {
  return typeof value === "string" ? value : undefined;
}
