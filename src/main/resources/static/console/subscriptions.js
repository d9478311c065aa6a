import { errorText } from "./codes.js";
import { byId, el } from "./dom.js";
import { count, whole } from "./format.js";
import { Latency } from "./latency.js";

/** The channels that this page listens to. */
export class Subscriptions {
  #stream;
  #members;
  #inspect;
  #session = null;
  /** By channel: `{subscription, element, state, position, received}`. */
  #items = new Map();
  #isDue = false;

  latency = new Latency();

  /** @param inspect `history(channel)` and `members(channel)` show those */
  constructor(stream, members, inspect) {
    this.#stream = stream;
    this.#members = members;
    this.#inspect = inspect;
    byId("subscribe-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const channel = byId("subscribe-channel").value.trim();
      this.#say(channel === "" ? "Name a channel first, such as news." : "");
      if (channel !== "") {
        this.subscribe(channel);
        byId("subscribe-channel").value = "";
      }
    });
  }

  open(session) {
    this.#session = session;
    session.channels.forEach((channel) => this.subscribe(channel));
    this.#changed();
  }

  close() {
    this.#session = null;
    this.#items.clear();
    this.latency.clear();
    byId("subscriptions").replaceChildren();
    this.#say("");
  }

  /** Whether messages of this channel come. */
  has(channel) {
    return this.#items.get(channel)?.subscription.state === "subscribed";
  }

  subscribe(channel) {
    if (this.#items.has(channel)) {
      if (this.#items.get(channel).subscription.state !== "ended") {
        this.#say(`There is a subscription to ${channel} already.`);
        return;
      }
      this.#remove(channel);
    }
    try {
      const item = this.#item(channel, this.#session.client.subscribe(channel));
      this.#items.set(channel, item);
      byId("subscriptions").append(item.element);
      this.#listen(item);
      this.#changed();
    } catch (error) {
      this.#say(`Can't subscribe: ${error.message}.`);
    }
  }

  #item(channel, subscription) {
    const state = el("span", { class: "sub-state" });
    const position = el("span", { class: "muted" });
    const button = (text, action) =>
      el("button", { type: "button", class: "small", "aria-label": `${text}: ${channel}`, onclick: action }, text);
    const element = el(
      "li",
      {},
      el("div", { class: "sub-head" }, el("code", { class: "channel" }, channel), state),
      position,
      el(
        "div",
        { class: "row" },
        button("History", () => this.#inspect.history(channel)),
        button("Members", () => this.#inspect.members(channel)),
        button("Unsubscribe", () => this.#unsubscribe(channel)),
      ),
    );
    return { channel, subscription, element, state, position, received: 0, error: null };
  }

  #listen(item) {
    const { subscription, channel } = item;
    subscription.on("message", ({ data, offset, receivedAt }) => {
      item.received++;
      const latency = this.latency.received(channel, data);
      this.#stream.add({ kind: "message", at: receivedAt, channel, offset, data, latency });
      this.#soon();
    });
    subscription.on("subscribed", ({ recovered, offset }) => {
      item.error = null;
      if (recovered) {
        this.#event(channel, "recovered", `Recovered: what was missed after offset ${whole(offset)} follows.`, offset);
      }
      this.#soon();
    });
    subscription.on("lost", (lost) => this.#event(channel, "lost", lostText(lost), lost.position?.offset));
    subscription.on("gap", ({ from, to }) => this.#event(channel, "gap", gapText(from, to), to));
    subscription.on("join", (member) => this.#members.joined(member));
    subscription.on("leave", (member) => this.#members.left(member));
    subscription.on("error", (error) => {
      item.error = error;
      this.#soon();
    });
    subscription.on("unsubscribed", () => this.#soon());
    this.#session.client.on("state", () => this.#soon());
  }

  #event(channel, kind, text, offset) {
    this.#stream.add({ kind, at: Date.now(), channel, text, offset });
  }

  #unsubscribe(channel) {
    const { subscription } = this.#items.get(channel);
    this.#remove(channel);
    subscription.unsubscribe();
    byId("subscribe-channel").focus();
  }

  #remove(channel) {
    this.#items.get(channel).element.remove();
    this.#items.delete(channel);
    this.#changed();
  }

  #changed() {
    const names = [...this.#items.keys()];
    this.#session.channels = names;
    const known = names.length > 0 ? names : ["news"];
    byId("known-channels").replaceChildren(...known.map((name) => el("option", { value: name })));
    this.#soon();
  }

  /** Positions change with each message: they are written once per frame. */
  #soon() {
    if (!this.#isDue) {
      this.#isDue = true;
      requestAnimationFrame(() => {
        this.#isDue = false;
        this.#items.forEach(write);
      });
    }
  }

  #say(text) {
    byId("subscribe-said").textContent = text;
  }
}

function write({ subscription, state, position, received, error }) {
  state.dataset.state = error ? "failed" : subscription.state;
  const words = { pending: "waiting", subscribed: "subscribed", ended: "ended" }[subscription.state];
  state.textContent = words;
  const parts = [];
  if (error) {
    parts.push(`${errorText(error)}${error.retry ? " It is tried again." : ""}`);
  } else if (subscription.position) {
    parts.push(`offset ${whole(subscription.position.offset)}`, count(received, "message"));
  } else {
    parts.push("no history", count(received, "message"));
  }
  position.textContent = parts.join(" · ");
  position.title = subscription.position ? `epoch ${subscription.position.epoch}` : "";
  position.className = error ? "bad-text" : "muted";
}

function lostText({ since, position }) {
  if (!since && !position) {
    return "Interrupted: the channel has no history, and what was published meanwhile can't be had.";
  }
  const from = since ? ` after offset ${whole(since.offset)}` : "";
  const on = position ? `it goes on after offset ${whole(position.offset)}` : "the channel has no history any more";
  return `Lost: what was published${from} can't be had; ${on}.`;
}

function gapText(from, to) {
  const missing = from === to ? `the message ${whole(from)} does` : `the messages ${whole(from)} to ${whole(to)} do`;
  return `Gap: ${missing} not come by ${from === to ? "itself" : "themselves"}. The history may have ${from === to ? "it" : "them"}.`;
}
