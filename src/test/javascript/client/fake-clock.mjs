/** As with real timers, time goes on with each; or what waits for the rest of a time would wait for the rounding of its sums. */
const LEAST = 0.001;

/** A clock that stands still until told otherwise: for what takes minutes, and for what must not depend on the machine. */
export class FakeClock {
  #time = 0;
  #timers = new Set();

  now() {
    return this.#time;
  }

  date() {
    return 1_764_000_000_000 + this.#time;
  }

  setTimeout(task, delay) {
    const timer = { task, at: this.#time + Math.max(LEAST, delay) };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(timer) {
    this.#timers.delete(timer);
  }

  /** Timers that have not run. */
  get pending() {
    return this.#timers.size;
  }

  #next() {
    return [...this.#timers].reduce((first, other) => (other.at < first.at ? other : first), { at: Infinity });
  }

  /** Lets so many milliseconds pass, with all that they bring. */
  async pass(milliseconds) {
    const end = this.#time + milliseconds;
    await settleAll();
    while (this.#next().at <= end) {
      await this.step();
      await settleAll();
    }
    this.#time = end;
  }

  /** Goes on to the next timer, runs it and what follows at once; how long that took, milliseconds. */
  async step() {
    const timer = this.#next();
    const waited = timer.at - this.#time;
    this.#time = timer.at;
    this.#timers.delete(timer);
    timer.task();
    await settle();
    return waited;
  }
}

/** The same for what takes a few turns, as a question and its answer do. */
async function settleAll() {
  for (let turn = 0; turn < 5; turn++) {
    await settle();
  }
}

/** Lets all that is due without a timer happen. */
export function settle() {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Numbers that look random and are the same each time. http://www.pcg-random.org is better; this one is enough: mulberry32. */
export function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
