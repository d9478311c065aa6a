/**
 * Waits that grow with each failure, drawn evenly from 0 to a bound that doubles: "full jitter".
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export class Backoff {
  #base;
  #max;
  #random;
  #failures = 0;

  /** @param {number} base first bound, milliseconds @param {number} max last bound @param {() => number} random from 0 to 1 */
  constructor(base, max, random) {
    this.#base = base;
    this.#max = max;
    this.#random = random;
  }

  /** Failures since the last reset. */
  get failures() {
    return this.#failures;
  }

  /** Counts a failure; the wait after it, milliseconds. */
  next() {
    const bound = Math.min(this.#max, this.#base * 2 ** this.#failures++);
    return this.#random() * bound;
  }

  reset() {
    this.#failures = 0;
  }
}
