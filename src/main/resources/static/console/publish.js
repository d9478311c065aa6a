import { errorText } from "./codes.js";
import { byId } from "./dom.js";
import { whole } from "./format.js";

/** Publishes what somebody types. */
export class Publish {
  #subscriptions;
  #client = null;

  constructor(subscriptions) {
    this.#subscriptions = subscriptions;
    byId("publish-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#publish();
    });
    byId("publish-data").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        this.#publish();
      }
    });
    byId("publish-data").addEventListener("input", () => mark(true));
  }

  open(session) {
    this.#client = session.client;
  }

  close() {
    this.#client = null;
    say("");
    mark(true);
  }

  async #publish() {
    const channel = byId("publish-channel").value.trim();
    if (channel === "") {
      say("Name a channel first, such as news.", "bad");
      byId("publish-channel").focus();
      return;
    }
    let data;
    try {
      data = JSON.parse(byId("publish-data").value);
    } catch (error) {
      mark(false);
      say(`This is no JSON: ${error.message}. A text needs quotes: "hello".`, "bad");
      byId("publish-data").focus();
      return;
    }
    await this.#send(channel, data);
  }

  async #send(channel, data) {
    const client = this.#client;
    const { latency } = this.#subscriptions;
    const entry = this.#subscriptions.has(channel) ? latency.sent(channel, data) : null;
    say(client.state === "connected" ? "Publishing…" : "It is published when the connection is back…");
    try {
      const { offset } = await client.publish(channel, data);
      this.#tell(client, offset === undefined ? `Published to ${channel}.` : `Published to ${channel} with offset ${whole(offset)}.`, "ok");
    } catch (error) {
      latency.forget(entry);
      this.#tell(client, `Not published. ${errorText(error)}`, "bad");
    }
  }

  #tell(client, text, kind) {
    if (client === this.#client) {
      say(text, kind);
    }
  }
}

function say(text, kind = "") {
  byId("publish-said").textContent = text;
  byId("publish-said").dataset.kind = kind;
}

function mark(isValid) {
  byId("publish-data").setAttribute("aria-invalid", String(!isValid));
}
