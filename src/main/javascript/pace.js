const EASE = 0.997;
const LONGEST = 1000;

/** Requests of one kind on their way at once: less than the server lets a connection send at once. */
export const WINDOW = 16;

/**
 * How long to wait between two publishes: not at all until the server says that they are too many, since it lets some
 * through at once; then twice as long each time that it says so again, and a little less after each that it took.
 * A server closes the connection (4003) of a client that does not heed it. Milliseconds.
 */
export class Pace {
  #interval = 0;
  #slowedAt = -Infinity;

  get interval() {
    return this.#interval;
  }

  /**
   * One that was sent at that time was refused. What was under way together counts once.
   *
   * @param retryAfter what the server asks for, 1 if it does not say
   * @returns how long to wait before the next one
   */
  refused(sentAt, now, retryAfter = 1) {
    if (sentAt > this.#slowedAt) {
      this.#interval = Math.min(LONGEST, Math.max(retryAfter, 2 * this.#interval));
      this.#slowedAt = now;
    }
    return Math.max(this.#interval, retryAfter);
  }

  taken() {
    this.#interval *= EASE;
  }
}
