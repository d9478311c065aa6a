import { Timers } from "./timers.js";
import { HOUR } from "./wish.js";

/**
 * How long the old connection is kept after the new one brings everything: on it may be messages, of channels without
 * history, that its node hands on later than the other node does. Milliseconds.
 */
export const LINGER = 500;

/**
 * The last part of a move from a leaving node to another: the old connection, until nothing is missed that came by it. It is the
 * leaving node that ends it before: as long as a channel has not come over, the client does not.
 */
export class Handover {
  #old;
  #isSettled;
  #over;
  #timers;
  #lingers = null;

  /**
   * @param old the connection that is left
   * @param isSettled whether all channels have come over
   * @param over called once, when the old connection is to be closed
   */
  constructor(old, isSettled, over, clock) {
    this.#old = old;
    this.#isSettled = isSettled;
    this.#over = over;
    this.#timers = new Timers(clock);
    this.#timers.after(HOUR, () => this.#finish()); // longer than a node may take to leave
    this.look();
  }

  get old() {
    return this.#old;
  }

  /** To be called when a channel has come over. */
  look() {
    if (this.#lingers === null && this.#isSettled()) {
      this.#lingers = this.#timers.after(LINGER, () => this.#lingered());
    }
  }

  #lingered() {
    this.#lingers = null;
    if (this.#old.openRequests > 0 || !this.#isSettled()) {
      this.look();
    } else {
      this.#old.request({ type: "ping" }, () => this.#finish()); // what the node has sent before its answer comes before it
    }
  }

  #finish() {
    this.stop();
    this.#over(this.#old);
  }

  stop() {
    this.#timers.clear();
  }
}
