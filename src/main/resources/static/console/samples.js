import { quantile } from "./histogram.js";

/** Milliseconds that charts reach back. */
export const SPAN = 300_000;

/** Durations are those of so many milliseconds, so that a few messages per second make a line, too. */
const WINDOW = 10_000;

/** Milliseconds without a sample after which a line is interrupted. */
const HOLE = 5000;

/** The figures of all nodes, or of one, over the last minutes, and what follows from their differences. */
export class Samples {
  #raw = [];

  /** `{time, …}` with one value per line of a chart; null where there is none. Oldest first. */
  points = [];

  get node() {
    return this.last?.node ?? null;
  }

  get last() {
    return this.#raw.at(-1) ?? null;
  }

  /** The oldest sample of the span: since the page was opened, until that is longer ago. */
  get first() {
    return this.#raw.find(({ timestamp }) => timestamp >= this.last.timestamp - SPAN) ?? null;
  }

  add(figures) {
    const previous = this.#raw.at(-1);
    if (previous && isAnother(previous, figures)) {
      this.#raw = [];
      this.points = [];
    }
    const before = this.#raw.at(-1);
    this.#raw.push(figures);
    const oldest = figures.timestamp - SPAN - WINDOW;
    this.#raw = this.#raw.filter(({ timestamp }) => timestamp >= oldest);
    if (before && figures.timestamp > before.timestamp) {
      this.#derive(before, figures);
    }
  }

  #derive(before, now) {
    const seconds = (now.timestamp - before.timestamp) / 1000;
    if (seconds * 1000 > HOLE) {
      this.points.push({ time: before.timestamp + 1 });
    }
    const window = this.#raw.find(({ timestamp }) => timestamp >= now.timestamp - WINDOW);
    const rate = (name) => (now[name] - before[name]) / seconds;
    const latency = (name, fraction) => (now[name] && window[name] ? quantile(window[name], now[name], fraction) : null);
    this.points.push({
      time: now.timestamp,
      connections: now.connections,
      messagesIn: rate("messagesIn"),
      messagesOut: rate("messagesOut"),
      bytesIn: rate("bytesIn"),
      bytesOut: rate("bytesOut"),
      fanout50: latency("fanout", 0.5),
      fanout99: latency("fanout", 0.99),
      broker50: latency("brokerRoundTrip", 0.5),
      broker99: latency("brokerRoundTrip", 0.99),
      pending: now.pendingBytes,
      heap: now.heapUsedBytes,
      cpu: (100 * rate("cpuSeconds")) / now.processors,
    });
    this.points = this.points.filter(({ time }) => time >= now.timestamp - SPAN);
  }
}

/** Whether the totals can't be those of the same process. */
function isAnother(before, now) {
  return before.node !== now.node || now.messagesIn < before.messagesIn || now.cpuSeconds < before.cpuSeconds;
}
