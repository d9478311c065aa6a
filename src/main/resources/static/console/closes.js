import { CLOSE_NAMES, closeMeaning, closeName } from "./codes.js";
import { byId, cell, el, row, scrollBox, table } from "./dom.js";
import { bytes, count, dateTime, duration, whole } from "./format.js";
import { ListView, silent } from "./list-view.js";

/** Closes that show at most. */
const MOST = 200;

const COLUMNS = [
  "When",
  "Why",
  "Ended by",
  "User",
  "Address",
  "Connection",
  { title: "Was open", numeric: true },
  { title: "Waiting", numeric: true },
  { title: "Round trip", numeric: true },
  { title: "In / out", numeric: true },
];

/** How the last connections of all nodes have ended, the newest first. */
export class Closes extends ListView {
  #table;

  constructor() {
    const parts = table("Closed connections, the newest first", COLUMNS);
    const code = el(
      "select",
      { id: "closes-code" },
      el("option", { value: "" }, "All codes"),
      ...CLOSE_NAMES.map(([number, name]) => el("option", { value: number }, `${number} ${name}`)),
    );
    super(byId("closes-body"), {
      load: (api, query) => api.get("closes", { query, code: code.value, limit: MOST }),
      write: (answer) => this.#write(answer),
      controls: [el("label", { class: "hidden", for: "closes-code" }, "Close code"), code],
      results: scrollBox("Table of closed connections", parts.element),
    });
    this.#table = parts;
    code.addEventListener("change", () => this.search());
  }

  close() {
    super.close();
    byId("closes-code").value = "";
    this.#table.body.replaceChildren();
  }

  #write({ items, forgotten, missing }) {
    this.#table.body.replaceChildren(...items.map(rowOf));
    const shown = items.length === 0 ? "No close matches" : count(items.length, "close");
    const limit = items.length === MOST ? " (the newest; search for others)" : "";
    return `${shown}${limit}${forgotten > 0 ? `, ${whole(forgotten)} older ones are forgotten` : ""}${silent(missing)}`;
  }
}

function rowOf(item) {
  const name = closeName(item.code);
  const words = item.reason && item.reason !== name ? el("div", {}, `“${item.reason}”`) : undefined;
  const why = [el("strong", {}, `${item.code} ${name}`), el("div", { class: "muted" }, closeMeaning(item.code))];
  return row([
    cell("When", dateTime(item.time), "keep"),
    cell("Why", el("div", { class: "why" }, ...why, words)),
    cell("Ended by", item.initiator),
    cell("User", item.user),
    cell("Address", el("code", {}, item.address)),
    cell("Connection", [el("code", {}, item.connection), el("div", { class: "muted" }, item.node)]),
    cell("Was open", duration(item.durationMillis), "number"),
    cell("Waiting", bytes(item.pendingBytes), "number"),
    cell("Round trip", item.roundTripMillis === undefined ? "–" : duration(item.roundTripMillis), "number"),
    cell("In / out", `${whole(item.messagesIn)} / ${whole(item.messagesOut)}`, "number"),
  ]);
}
