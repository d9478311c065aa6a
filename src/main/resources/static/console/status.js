import { closeName, refusalMeaning } from "./codes.js";
import { byId } from "./dom.js";
import { duration, time } from "./format.js";
import { Poll } from "./poll.js";

/** Milliseconds between two measurements of the round trip. */
const PING = 5000;

/** The state of the connection, which always shows. */
export class Status {
  #client = null;
  #failure = "";
  #clock = null;
  #ping = new Poll(() => this.#measure(), PING);

  /** @param again is called when somebody wants to connect after the client has closed for good */
  constructor(again) {
    byId("connect-again").addEventListener("click", again);
    ["online", "offline"].forEach((event) => addEventListener(event, () => this.#show()));
  }

  open(session) {
    const client = session.client;
    this.#client = client;
    this.#failure = "";
    byId("status").hidden = false;
    client.on("state", () => this.#show());
    client.on("disconnected", () => this.#show());
    client.on("connected", () => this.#measure());
    client.on("error", (error) => {
      this.#failure = error.message;
      this.#show();
    });
    this.#clock = setInterval(() => this.#show(), 500);
    this.#ping.start();
    this.#show();
  }

  close() {
    this.#client = null;
    this.#ping.stop();
    clearInterval(this.#clock);
    byId("status").hidden = true;
    write("round-trip", "–");
    write("state-said", "");
  }

  async #measure() {
    const client = this.#client;
    if (client?.state !== "connected") {
      return;
    }
    try {
      const { roundTrip } = await client.ping();
      if (client === this.#client) {
        write("round-trip", duration(roundTrip));
      }
    } catch {
      // the connection has ended meanwhile, which shows anyway
    }
  }

  #show() {
    if (this.#client === null) {
      return;
    }
    const { state, welcome, lastDisconnect } = this.#client;
    const isOffline = !navigator.onLine && state !== "connected" && state !== "closed";
    const shown = isOffline ? "offline" : state;
    byId("state").dataset.state = shown;
    write("state", this.#text(shown));
    write("state-said", this.#said(shown));
    if (welcome) {
      write("status-node", welcome.node);
    } else {
      write("round-trip", "–");
    }
    write("last-disconnect", lastDisconnect ? described(lastDisconnect) : "");
    byId("connect-again").hidden = state !== "closed";
  }

  #text(shown) {
    if (shown === "waiting") {
      const { at, retryIn = 0 } = this.#client.lastDisconnect ?? { at: 0 };
      const left = Math.max(0, Math.ceil((at + retryIn - Date.now()) / 1000));
      return `Reconnecting in ${left} s`;
    }
    return this.#said(shown);
  }

  /** The same without what changes each second, for those who listen. */
  #said(shown) {
    const { lastDisconnect } = this.#client;
    const why = refusalMeaning(lastDisconnect?.refusal) || this.#failure;
    return {
      connecting: lastDisconnect ? "Reconnecting…" : "Connecting…",
      connected: navigator.onLine ? "Connected" : "Connected, though this device reports no network",
      waiting: "Connection lost, reconnecting",
      offline: "Offline: this device has no network. It reconnects by itself.",
      closed: why ? `Closed. ${why}` : "Closed",
    }[shown];
  }
}

function described({ code, reason, initiator, at }) {
  const name = closeName(code);
  const words = reason && reason !== name ? ` “${reason}”` : "";
  return `Last disconnect ${time(at)}: ${code}${name ? ` ${name}` : ""}${words}, by the ${initiator}`;
}

function write(id, text) {
  const element = byId(id);
  if (element.textContent !== text) {
    element.textContent = text;
  }
}
