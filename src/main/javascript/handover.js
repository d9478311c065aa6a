import { Timers } from "./timers.js";

/**
 * How long the old connection is kept after the new one brings everything: on it may be messages, of channels without
 * history, that its node hands on later than the other node does. Milliseconds.
 */
const LINGER = 200;

/** When the server closes the old connection by itself, it may be late. */
const SLACK = 1000;

/** The last part of a move from a leaving node to another: the old connection, until nothing is missed that came by it. */
export class Handover {
  #old;
  #isSettled;
  #over;
  #timers;
  #lingers = null;

  /**
   * @param old the connection that is left
   * @param closeBy milliseconds until the server closes it
   * @param isSettled whether all channels have come over
   * @param over called once, when the old connection is to be closed
   */
  constructor(old, closeBy, isSettled, over, clock) {
    this.#old = old;
    this.#isSettled = isSettled;
    this.#over = over;
    this.#timers = new Timers(clock);
    this.#timers.after(closeBy + SLACK, () => this.#finish());
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
    if (this.#old.openRequests > 0) {
      this.look();
    } else {
      this.#finish();
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
