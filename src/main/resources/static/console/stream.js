import { byId, cell, el, row, table } from "./dom.js";
import { count, duration, timeMillis, whole } from "./format.js";
import { dataText } from "./data-text.js";

/** Rows that are kept. */
const MOST = 500;

const COLUMNS = ["Time", "Channel", { title: "Offset", numeric: true }, "Data", { title: "Latency", numeric: true }];

/**
 * What comes from all channels, the newest first. An entry is `{kind, at, channel, offset?, data?, text?, latency?}`; its kind is
 * `message`, or `recovered`, `lost` or `gap`, which have a text instead of data.
 */
export class Stream {
  /** Rows that show, the newest first: `{element, search}`. */
  #rows = [];
  /** Entries without a row so far, the oldest first. */
  #waiting = [];
  #received = 0;
  #isPaused = false;
  #isDue = false;
  #body;

  constructor() {
    const { element, body } = table("Messages, the newest first", COLUMNS, "stream");
    this.#body = body;
    byId("stream-box").append(element);
    byId("stream-clear").addEventListener("click", () => this.clear());
    byId("stream-pause").addEventListener("click", () => this.#pause(!this.#isPaused));
    byId("stream-filter").addEventListener("input", () => this.#filter());
  }

  open() {}

  close() {
    this.#pause(false);
  }

  add(entry) {
    this.#received += entry.kind === "message" ? 1 : 0;
    this.#waiting.push(entry);
    if (this.#waiting.length > MOST) {
      this.#waiting.shift();
    }
    this.#soon();
  }

  clear() {
    this.#waiting = [];
    this.#rows = [];
    this.#received = 0;
    this.#body.replaceChildren();
    this.#count();
  }

  /** Many messages may come between two frames: they are drawn together. */
  #soon() {
    if (!this.#isDue) {
      this.#isDue = true;
      requestAnimationFrame(() => {
        this.#isDue = false;
        this.#draw();
      });
    }
  }

  #draw() {
    if (!this.#isPaused) {
      const fresh = this.#waiting.reverse().map(rowOf);
      this.#waiting = [];
      const wanted = filterText();
      fresh.forEach((entry) => (entry.element.hidden = !entry.search.includes(wanted)));
      this.#body.prepend(...fresh.map(({ element }) => element));
      this.#rows = [...fresh, ...this.#rows];
      this.#rows.splice(MOST).forEach(({ element }) => element.remove());
    }
    this.#count();
  }

  #pause(isPaused) {
    this.#isPaused = isPaused;
    byId("stream-pause").setAttribute("aria-pressed", String(isPaused));
    byId("stream-pause").textContent = isPaused ? "Go on" : "Pause";
    this.#draw();
  }

  #filter() {
    const wanted = filterText();
    this.#rows.forEach(({ element, search }) => (element.hidden = !search.includes(wanted)));
    this.#count();
  }

  #count() {
    const isEmpty = this.#rows.length === 0 && this.#waiting.length === 0;
    byId("stream-empty").hidden = !isEmpty;
    byId("stream-box").hidden = isEmpty;
    const shown = this.#rows.filter(({ element }) => !element.hidden).length;
    const parts = [count(this.#received, "message")];
    if (shown < this.#rows.length) {
      parts.push(`${whole(shown)} of ${whole(this.#rows.length)} rows match`);
    } else if (this.#received > MOST) {
      parts.push(`the last ${MOST} rows are kept`);
    }
    if (this.#isPaused) {
      parts.push(`paused, ${whole(this.#waiting.length)}${this.#waiting.length === MOST ? " or more" : ""} waiting`);
    }
    byId("stream-count").textContent = isEmpty ? "" : parts.join(" · ");
  }
}

function filterText() {
  return byId("stream-filter").value.trim().toLowerCase();
}

function rowOf({ kind, at, channel, offset, data, text, latency }) {
  const words = text ?? JSON.stringify(data);
  const element = row(
    [
      cell("Time", timeMillis(at), "time"),
      cell("Channel", el("code", {}, channel), "channel"),
      cell("Offset", offset === undefined ? "" : whole(offset), "number offset"),
      cell("Data", text === undefined ? dataText(words) : el("strong", {}, words), "data"),
      cell("Latency", latency === undefined ? "" : duration(latency), "number latency"),
    ],
    kind,
  );
  return { element, search: `${channel} ${words}`.toLowerCase() };
}
