import { binary, Chart } from "./charts.js";
import { closeName } from "./codes.js";
import { byId, cell, el, notice, row, scrollBox, table } from "./dom.js";
import { together } from "./fleet.js";
import { bytes, count, duration, rough, time, whole } from "./format.js";
import { Poll } from "./poll.js";
import { Samples } from "./samples.js";

const PERIOD = 1000;

const perSecond = (value) => `${rough(value)}/s`;
const bytesPerSecond = (value) => `${bytes(value)}/s`;
const percent = (value) => `${rough(value)} %`;

/** What all nodes do, since the page was opened and for five minutes at most; read from the start, so that there is something to see. */
export class Figures {
  #api = null;
  #isShown = false;
  #samples = new Samples();
  #poll = new Poll(() => this.#look(), PERIOD);
  #said = el("p", { class: "muted", "aria-live": "off" });
  #error = el("div", { role: "status" });
  #charts = [
    new Chart("Connections", [{ key: "connections", name: "open" }], whole),
    new Chart("Messages", [{ key: "messagesIn", name: "in" }, { key: "messagesOut", name: "out" }], perSecond),
    new Chart("Fan-out latency", [{ key: "fanout50", name: "p50" }, { key: "fanout99", name: "p99" }], duration),
    new Chart("Bytes", [{ key: "bytesIn", name: "in" }, { key: "bytesOut", name: "out" }], bytesPerSecond, binary),
    new Chart("Waiting for slow clients", [{ key: "pending", name: "bytes" }], bytes, binary),
    new Chart("Processor", [{ key: "cpu", name: "of all cores" }], percent),
    new Chart("Heap", [{ key: "heap", name: "used" }], bytes, binary),
  ];
  #redis = new Chart("Redis round trip", [{ key: "broker50", name: "p50" }, { key: "broker99", name: "p99" }], duration);
  #noRedis = el(
    "section",
    { class: "card" },
    el("h2", {}, "Redis round trip"),
    el("p", { class: "muted" }, "The broker is in memory: there is no Redis to wait for."),
  );
  #closes = new Totals("Closes", "Code", (code) => [code, el("span", { class: "muted" }, ` ${closeName(code)}`)]);
  #refusals = new Totals("Refused upgrades", "Reason", (reason) => [reason]);
  #slow = el("p", {});
  #nodes = new Nodes();

  constructor() {
    const slow = el("section", { class: "card" }, el("h2", {}, "Slow consumers"), this.#slow);
    const [connections, messages, fanout, ...others] = this.#charts.map(({ element }) => element);
    const grid = [connections, messages, fanout, this.#redis.element, this.#noRedis, ...others];
    byId("figures-body").append(
      this.#said,
      this.#error,
      el("div", { class: "grid" }, ...grid),
      this.#nodes.element,
      el("div", { class: "grid" }, this.#closes.element, this.#refusals.element, slow),
    );
  }

  open(session) {
    this.#api = session.api;
    this.#samples = new Samples();
    this.#said.textContent = "Asking the nodes…";
    this.#redis.element.hidden = true;
    this.#noRedis.hidden = true;
    [...this.#charts, this.#redis].forEach((chart) => chart.draw([], Date.now()));
    session.addEventListener("node", () => session.api === this.#api && session.isOperator && this.#poll.start());
  }

  close() {
    this.#api = null;
    this.#poll.stop();
    this.#error.replaceChildren();
  }

  show() {
    this.#isShown = true;
    this.#draw();
  }

  hide() {
    this.#isShown = false;
  }

  async #look() {
    const api = this.#api;
    try {
      const { items, missing } = await api.get("nodes/figures");
      if (api === this.#api && items.length > 0) {
        this.#nodes.write(items, missing);
        this.#samples.add(together(items));
        this.#draw();
        this.#error.replaceChildren();
      }
    } catch (error) {
      if (api === this.#api && this.#error.textContent === "") {
        this.#error.replaceChildren(notice(`The figures are not to be had: ${error.message}. They are asked for again each second.`));
      }
    }
  }

  #draw() {
    const { points, first, last: figures } = this.#samples;
    if (!this.#isShown || figures === null) {
      return;
    }
    this.#said.textContent =
      `${count(figures.node.split(" ").length, "node")} at ${time(figures.timestamp)}: ${count(figures.connections, "connection")}, ` +
      `${count(figures.subscriptions, "subscription")}, ${count(figures.channels, "channel")}. ` +
      `Latencies are of the last 10 s; what came since ${time(first.timestamp)} is new.`;
    [...this.#charts, this.#redis].forEach((chart) => chart.draw(points, figures.timestamp));
    this.#redis.element.hidden = !figures.brokerRoundTrip;
    this.#noRedis.hidden = Boolean(figures.brokerRoundTrip);
    this.#closes.write(figures.closes, first.closes);
    this.#refusals.write(figures.refusals, first.refusals);
    const fresh = figures.slowConsumers - first.slowConsumers;
    this.#slow.textContent = `${whole(figures.slowConsumers)} since the nodes were started, ${whole(fresh)} of them new.`;
  }
}

/** What each node has now. */
class Nodes {
  #body;

  element;

  constructor() {
    const columns = ["Node", ...["Connections", "Subscriptions", "Channels", "Waiting", "Heap"].map((title) => ({ title, numeric: true }))];
    const { element, body } = table("Nodes", columns, "plain");
    this.#body = body;
    this.element = el("section", { class: "card" }, el("h2", {}, "Nodes"), scrollBox("Nodes", element));
  }

  write(nodes, missing) {
    this.#body.replaceChildren(
      ...nodes.map((figures) =>
        row([
          cell("Node", figures.node),
          cell("Connections", whole(figures.connections), "number"),
          cell("Subscriptions", whole(figures.subscriptions), "number"),
          cell("Channels", whole(figures.channels), "number"),
          cell("Waiting", bytes(figures.pendingBytes), "number"),
          cell("Heap", bytes(figures.heapUsedBytes), "number"),
        ]),
      ),
      ...missing.map(({ node, reason }) =>
        row([cell("Node", node), el("td", { role: "cell", colspan: "5", class: "muted" }, `did not answer: ${reason}`)]),
      ),
    );
  }
}

/** A table of counts by their reason, since the start of the nodes and since the first sample. */
class Totals {
  #body;
  #label;
  #name;
  #written = "";

  element;

  constructor(title, label, name) {
    const { element, body } = table(title, [label, { title: "In all", numeric: true }, { title: "New", numeric: true }], "plain");
    this.#body = body;
    this.#label = label;
    this.#name = name;
    this.element = el("section", { class: "card" }, el("h2", {}, title), scrollBox(title, element));
  }

  write(now, before) {
    const written = JSON.stringify([now, before]);
    if (written === this.#written) {
      return;
    }
    this.#written = written;
    const rows = Object.entries(now).filter(([, total]) => total > 0);
    this.#body.replaceChildren(
      ...rows.map(([key, total]) =>
        row([
          cell(this.#label, this.#name(key)),
          cell("In all", whole(total), "number"),
          cell("New", whole(total - (before[key] ?? 0)), "number"),
        ]),
      ),
      ...(rows.length === 0 ? [row([el("td", { role: "cell", colspan: "3", class: "muted" }, "None so far")])] : []),
    );
  }
}
