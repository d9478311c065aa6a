/** Does something again and again while the page can be seen, never twice at once. */
export class Poll {
  #task;
  #interval;
  #timer = null;
  #running = false;
  #wanted = false;
  #look = () => this.#next(0);

  /** @param task gives a promise, which never rejects @param interval milliseconds from the start of one to that of the next */
  constructor(task, interval) {
    this.#task = task;
    this.#interval = interval;
  }

  start() {
    if (!this.#wanted) {
      this.#wanted = true;
      document.addEventListener("visibilitychange", this.#look);
      this.#next(0);
    }
  }

  stop() {
    this.#wanted = false;
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.#look);
  }

  #next(delay) {
    clearTimeout(this.#timer);
    if (this.#wanted && !document.hidden && !this.#running) {
      this.#timer = setTimeout(() => this.#run(), delay);
    }
  }

  async #run() {
    this.#running = true;
    const began = performance.now();
    await this.#task();
    this.#running = false;
    this.#next(Math.max(0, began + this.#interval - performance.now()));
  }
}
