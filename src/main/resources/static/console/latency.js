/** Publishes whose message may still come back; the oldest are forgotten first. */
const MOST = 1000;

/** How long what this page publishes takes to come back to it. Messages carry no mark, so equal ones are told apart by order. */
export class Latency {
  #waiting = [];

  /** To be called when a message goes out. Returns what to give to {@link forget} if it was not published. */
  sent(channel, data) {
    const entry = { channel, text: JSON.stringify(data), at: performance.now() };
    this.#waiting.push(entry);
    if (this.#waiting.length > MOST) {
      this.#waiting.shift();
    }
    return entry;
  }

  forget(entry) {
    this.#waiting = this.#waiting.filter((other) => other !== entry);
  }

  /** Milliseconds since this message was published here; undefined if it was not. */
  received(channel, data) {
    if (this.#waiting.length === 0) {
      return undefined;
    }
    const text = JSON.stringify(data);
    const at = this.#waiting.findIndex((entry) => entry.channel === channel && entry.text === text);
    return at < 0 ? undefined : performance.now() - this.#waiting.splice(at, 1)[0].at;
  }

  clear() {
    this.#waiting = [];
  }
}
