import { ChannelPanel } from "./channel-panel.js";
import { byId, cell, el, notice, row, scrollBox, table, tag } from "./dom.js";
import { count, dateTime, whole } from "./format.js";

const NO_PRESENCE = "it keeps no presence (presence: true in starling.channels), or you may not subscribe to it.";

/** Who is in a channel. Who comes and goes is applied as long as this page is subscribed and the channel tells of it. */
export class Members {
  #panel;
  #client = null;
  #channel = null;
  /** By connection; null until the server has answered. */
  #members = null;
  #count = 0;
  /** What happened since the server was asked. */
  #changes = [];
  #table = table("Members", ["User", "Connection", "Since"]);
  #summary = el("p", { class: "said", role: "status" });

  constructor() {
    const hint =
      "Each connection that is subscribed, on any node. While you are subscribed, who comes and goes shows at once, where the channel" +
      " tells of it (join-leave).";
    this.#panel = new ChannelPanel(byId("members"), "members", (channel) => this.#load(channel), hint);
  }

  open(session) {
    this.#client = session.client;
  }

  close() {
    this.#client = null;
    this.#channel = null;
    this.#panel.clear();
  }

  show(channel) {
    this.#panel.show(channel);
  }

  joined({ channel, user, connection }) {
    this.#change(channel, () => {
      if (!this.#members.has(connection)) {
        this.#members.set(connection, { user, connection, since: Date.now() });
        this.#count++;
      }
    });
  }

  left({ channel, connection }) {
    this.#change(channel, () => {
      const isUnnamed = this.#count > this.#members.size;
      if (this.#members.delete(connection) || isUnnamed) {
        this.#count--;
      }
    });
  }

  #change(channel, apply) {
    if (channel !== this.#channel) {
      return;
    }
    if (this.#members === null) {
      this.#changes.push(apply);
    } else {
      apply();
      this.#write();
    }
  }

  async #load(channel) {
    this.#channel = channel;
    this.#members = null;
    this.#changes = [];
    let answer;
    try {
      answer = await this.#client.presence(channel);
    } catch (error) {
      if (error.code === 105) {
        return [notice(`${channel} does not say who is there: ${NO_PRESENCE}`, "plain")];
      }
      throw error;
    }
    if (channel !== this.#channel) {
      return [];
    }
    this.#members = new Map(answer.members.map((member) => [member.connection, member]));
    this.#count = answer.count;
    this.#changes.forEach((apply) => apply());
    this.#write();
    return [this.#summary, scrollBox(`Members of ${channel}`, this.#table.element)];
  }

  #write() {
    const own = this.#client?.welcome?.connection;
    const members = [...this.#members.values()];
    this.#table.body.replaceChildren(
      ...members.map(({ user, connection, since }) =>
        row([
          cell("User", user),
          cell("Connection", connection === own ? [el("code", {}, connection), " ", tag("this page")] : el("code", {}, connection)),
          cell("Since", since === undefined ? "–" : dateTime(since)),
        ]),
      ),
    );
    const named = this.#count > members.length ? `, the first ${whole(members.length)} are named` : "";
    this.#summary.textContent = `${count(this.#count, "member")}${named}.`;
  }
}
