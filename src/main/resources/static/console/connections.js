import { byId, cell, el, row, scrollBox, table, tag } from "./dom.js";
import { bytes, count, dateTime, duration, whole } from "./format.js";
import { ListView, silent } from "./list-view.js";

const PAGE = 50;

const COLUMNS = [
  "User",
  "Address",
  "Connection",
  "Node",
  "Open for",
  { title: "Subscriptions", numeric: true },
  { title: "Waiting", numeric: true },
  { title: "Round trip", numeric: true },
  { title: "In / out", numeric: true },
];

/** Who is connected to any node, page by page. */
export class Connections extends ListView {
  #session = null;
  #table;
  /** Where the pages up to the one that shows begin. */
  #cursors = [""];
  #next = null;
  #previousButton;
  #nextButton;

  constructor() {
    const parts = table("Connections", COLUMNS);
    const page = el("span", { class: "muted" });
    const previous = el("button", { type: "button" }, "Previous page");
    const next = el("button", { type: "button" }, "Next page");
    const foot = el("div", { class: "row pages" }, previous, next, page);
    super(byId("connections-body"), {
      load: (api, query) => api.get("connections", { query, cursor: this.#cursors.at(-1), limit: PAGE }),
      write: (answer) => {
        page.textContent = `Page ${this.#cursors.length}`;
        return this.#write(answer);
      },
      controls: [],
      results: el("div", {}, scrollBox("Table of connections", parts.element), foot),
    });
    this.#table = parts;
    this.#previousButton = previous;
    this.#nextButton = next;
    previous.addEventListener("click", () => this.#turn(() => this.#cursors.pop()));
    next.addEventListener("click", () => this.#turn(() => this.#cursors.push(this.#next)));
  }

  open(session) {
    super.open(session);
    this.#session = session;
  }

  close() {
    super.close();
    this.#session = null;
    this.#cursors = [""];
    this.#table.body.replaceChildren();
  }

  search() {
    this.#cursors = [""];
    super.search();
  }

  #turn(move) {
    move();
    this.#next = null;
    this.#previousButton.disabled = true;
    this.#nextButton.disabled = true;
    this.refresh();
  }

  #write({ items, cursor, missing }) {
    this.#next = cursor ?? null;
    this.#previousButton.disabled = this.#cursors.length === 1;
    this.#nextButton.disabled = this.#next === null;
    const own = this.#session?.client.welcome?.connection;
    this.#table.body.replaceChildren(...items.map((item) => rowOf(item, item.connection === own)));
    const found = items.length === 0 ? "No connection matches" : `${count(items.length, "connection")} on this page`;
    return `${found}${silent(missing)}`;
  }
}

function rowOf(item, isOwn) {
  const age = el("span", { title: `since ${dateTime(item.since)}` }, duration(Math.max(0, Date.now() - item.since)));
  return row([
    cell("User", isOwn ? [item.user, " ", tag("this page")] : item.user),
    cell("Address", el("code", {}, item.address)),
    cell("Connection", el("code", {}, item.connection)),
    cell("Node", item.node),
    cell("Open for", age, "keep"),
    cell("Subscriptions", whole(item.subscriptions), "number"),
    cell("Waiting", bytes(item.pendingBytes), "number"),
    cell("Round trip", item.roundTripMillis === undefined ? "–" : duration(item.roundTripMillis), "number"),
    cell("In / out", `${whole(item.messagesIn)} / ${whole(item.messagesOut)}`, "number"),
  ]);
}
