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
    const timer = { task, at: this.#time + delay };
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

  /** Goes on to the next timer, runs it and what follows at once; how long that took, milliseconds. */
  async step() {
    const timer = [...this.#timers].reduce((first, other) => (other.at < first.at ? other : first));
    const waited = timer.at - this.#time;
    this.#time = timer.at;
    this.#timers.delete(timer);
    timer.task();
    await settle();
    return waited;
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
