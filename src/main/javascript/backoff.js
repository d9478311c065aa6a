/** A success that lasted for less, in multiples of the first bound, does not end a row of failures. */
const STABLE = 5;

/**
 * Waits that grow with each failure, drawn evenly from 0 to a bound that doubles: "full jitter". A success ends the row of failures
 * only if nothing fails for a while after it: otherwise what succeeds and fails in turn would be tried without end at the shortest wait.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export class Backoff {
  #base;
  #max;
  #random;
  #clock;
  #failures = 0;
  /** When the last success was, if nothing has failed since; else null. */
  #goodSince = null;

  /** @param settings of the client: `baseDelay` is the first bound and `maxDelay` the last one, milliseconds */
  constructor({ baseDelay, maxDelay, random, clock }) {
    this.#base = baseDelay;
    this.#max = maxDelay;
    this.#random = random;
    this.#clock = clock;
  }

  /** Failures in a row. */
  get failures() {
    return this.#failures;
  }

  /** Whether the last success has lasted. */
  get hasLasted() {
    return this.#goodSince !== null && this.#clock.now() - this.#goodSince >= STABLE * this.#base;
  }

  succeeded() {
    this.#goodSince = this.#clock.now();
  }

  /** Counts a failure; the wait after it, milliseconds. */
  next() {
    if (this.hasLasted) {
      this.reset();
    }
    this.#goodSince = null;
    const bound = Math.min(this.#max, this.#base * 2 ** this.#failures++);
    return this.#random() * bound;
  }

  reset() {
    this.#failures = 0;
  }
}
