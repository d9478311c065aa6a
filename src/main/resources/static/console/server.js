import { byId, el, notice } from "./dom.js";
import { bytes, count, dateTime, duration, whole } from "./format.js";

const NO_LIMIT = "no limit";

/** What the server is, and what it allows, in words. */
export class Server {
  #session = null;
  #isShown = false;

  open(session) {
    this.#session = session;
    session.addEventListener("node", () => this.#write());
    session.client.on("connected", () => this.#write());
  }

  close() {
    this.#session = null;
    byId("server-body").replaceChildren();
  }

  show() {
    this.#isShown = true;
    this.#write();
  }

  hide() {
    this.#isShown = false;
  }

  #write() {
    if (this.#session === null || !this.#isShown) {
      return;
    }
    const { node, client } = this.#session;
    const groups = node ? [about(node), ...limits(node.limits ?? {})] : [];
    if (client.welcome) {
      groups.push(connection(client.welcome));
    }
    byId("server-body").replaceChildren(
      ...(node ? [] : [notice("The server has not said what it is: its API does not answer.")]),
      el("div", { class: "grid" }, ...groups.map(group)),
    );
  }
}

function group([title, entries]) {
  const known = entries.filter(([, text]) => text !== undefined);
  const list = known.flatMap(([name, text]) => [el("dt", {}, name), el("dd", {}, text)]);
  return el("section", { class: "card" }, el("h2", {}, title), el("dl", { class: "facts" }, ...list));
}

function about({ node, version, startedAt, broker, draining, ops }) {
  return [
    "This node",
    [
      ["Name", node],
      ["Version", version],
      ["Started", startedAt && `${dateTime(startedAt)}, ${duration(Date.now() - startedAt)} ago`],
      ["Broker", broker === "redis" ? "Redis: all nodes that share it are one server" : "in memory: this node is on its own"],
      ["State", draining ? "about to stop: clients are sent elsewhere" : "serving"],
      ["Your token", ops ? "opens what is for operators (scope ops)" : "is not an operator's (no scope ops)"],
    ],
  ];
}

function connection({ connection: id, heartbeat, expiresIn }) {
  return [
    "This connection",
    [
      ["Connection", id],
      ["Heartbeat", `a silent client is asked every ${duration(heartbeat)}`],
      ["Token", expiresIn === undefined ? "does not expire" : `expires ${duration(expiresIn)} after this connection was made`],
    ],
  ];
}

/** Each limit has a text; what the server does not name is left out. 0 means that there is none. */
function limits(given) {
  const text = (name, words) => (given[name] === undefined ? undefined : words(given[name]));
  const bounded = (name, words) => text(name, (value) => (value === 0 ? NO_LIMIT : words(value)));
  return [
    [
      "Messages",
      [
        ["Size", text("maxMessageBytes", (value) => `up to ${bytes(value)}; a larger one closes the connection (1009)`)],
        ["Rate", bounded("messageRate", (value) => `${count(value, "frame")} per second and connection; then error 107`)],
        ["At once", text("messageBurst", (value) => count(value, "frame"))],
        ["Unread", bounded("maxBacklogBytes", (value) => `up to ${bytes(value)} wait for a slow client; then close 4001`)],
      ],
    ],
    [
      "Channels",
      [
        ["Name", text("maxChannelLength", (value) => `up to ${count(value, "character")}`)],
        ["Subscriptions", bounded("maxSubscriptions", (value) => `${whole(value)} per connection; then error 106`)],
        ["One history answer", text("historyMaxMessages", (value) => `up to ${count(value, "message")}, ${size(given.historyMaxBytes)}`)],
        ["Recovery", text("recoveryMaxMessages", (value) => `up to ${count(value, "message")}, ${size(given.recoveryMaxBytes)} missed`)],
        ["Members named", text("presenceMaxMembers", (value) => `the first ${whole(value)}; all are counted`)],
      ],
    ],
    [
      "Connections",
      [
        ["On this node", bounded("maxConnections", (value) => `up to ${whole(value)}; then 503`)],
        ["Per address", bounded("maxConnectionsPerIp", (value) => `up to ${whole(value)}; then 429`)],
        ["Per user", bounded("maxConnectionsPerUser", (value) => `up to ${whole(value)}; then 429`)],
        ["New ones", bounded("connectRate", (value) => `${whole(value)} per second; then 503`)],
        ["Heartbeat", text("heartbeatIntervalMillis", (value) => `asked after ${duration(value)} of silence`)],
        ["Given up", text("heartbeatTimeoutMillis", (value) => `${duration(value)} after that, without an answer`)],
      ],
    ],
  ];
}

function size(value) {
  return value === undefined ? "" : bytes(value);
}
