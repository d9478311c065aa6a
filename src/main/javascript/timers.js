/** More does not fit into the timers of browsers and Node, which would fire at once. */
const LONGEST = 2 ** 31 - 1;

/** The runtime's own clock. `now` goes on evenly, `date` is in milliseconds since 1970. */
export const CLOCK = {
  now: () => performance.now(),
  date: () => Date.now(),
  setTimeout: (task, delay) => setTimeout(task, delay),
  clearTimeout: (handle) => clearTimeout(handle),
};

/** The timers of one owner, so that none is left when it ends. */
export class Timers {
  #clock;
  #running = new Set();

  constructor(clock) {
    this.#clock = clock;
  }

  /** Runs the task once, after so many milliseconds, however many. Returns what `cancel` takes. */
  after(delay, task) {
    const timer = {};
    const arm = (left) => {
      timer.handle = this.#clock.setTimeout(
        () => {
          if (left > LONGEST) {
            arm(left - LONGEST);
          } else {
            this.#running.delete(timer);
            task();
          }
        },
        Math.min(left, LONGEST),
      );
    };
    this.#running.add(timer);
    arm(delay > 0 ? delay : 0);
    return timer;
  }

  /** Without effect if it has run, or is none. */
  cancel(timer) {
    if (timer && this.#running.delete(timer)) {
      this.#clock.clearTimeout(timer.handle);
    }
  }

  clear() {
    for (const timer of [...this.#running]) {
      this.cancel(timer);
    }
  }
}
