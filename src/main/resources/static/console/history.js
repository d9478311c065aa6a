import { ChannelPanel } from "./channel-panel.js";
import { errorText } from "./codes.js";
import { dataText } from "./data-text.js";
import { byId, cell, el, notice, row, scrollBox, table } from "./dom.js";
import { count, whole } from "./format.js";

/** Messages of one page. */
const PAGE = 100;

const COLUMNS = [{ title: "Offset", numeric: true }, "Data"];

/** What a channel has kept, the newest first. */
export class History {
  #panel;
  #client = null;

  constructor() {
    const hint = `The last ${PAGE} messages that the server keeps, the newest first.`;
    this.#panel = new ChannelPanel(byId("history"), "history", (channel) => this.#load(channel), hint);
  }

  open(session) {
    this.#client = session.client;
  }

  close() {
    this.#client = null;
    this.#panel.clear();
  }

  show(channel) {
    this.#panel.show(channel);
  }

  async #load(channel) {
    const client = this.#client;
    let head;
    try {
      head = await client.history(channel, { limit: 1 });
    } catch (error) {
      if (error.code === 110) {
        return [notice(`${channel} keeps no history: no rule of starling.channels with a history-size names it.`, "plain")];
      }
      throw error;
    }
    const page = await before(client, channel, head.epoch, head.offset + 1);
    if (page.messages.length === 0) {
      return [notice(`The history of ${channel} is empty: nothing was published, or it has expired.`, "plain")];
    }
    return new Pages(client, channel, head.epoch, page).nodes;
  }
}

/** A table that grows by a page at its end. */
class Pages {
  #client;
  #channel;
  #epoch;
  #oldest = 0;
  #rows = 0;
  #table = table("History, the newest first", COLUMNS, "history");
  #more = el("button", { type: "button", onclick: () => this.#older() }, "Older messages");
  #said = el("p", { class: "said", role: "status" });

  constructor(client, channel, epoch, page) {
    this.#client = client;
    this.#channel = channel;
    this.#epoch = epoch;
    this.#append(page);
  }

  get nodes() {
    return [scrollBox(`History of ${this.#channel}`, this.#table.element), this.#said, this.#more];
  }

  async #older() {
    this.#more.disabled = true;
    try {
      this.#append(await before(this.#client, this.#channel, this.#epoch, this.#oldest));
    } catch (error) {
      this.#said.textContent = errorText(error);
    } finally {
      this.#more.disabled = false;
    }
  }

  #append({ messages, isOldest }) {
    const rows = messages
      .reverse()
      .map(({ offset, data }) =>
        row([cell("Offset", whole(offset), "number offset"), cell("Data", dataText(JSON.stringify(data)), "data")]),
      );
    this.#table.body.append(...rows);
    this.#rows += rows.length;
    this.#oldest = messages.at(-1)?.offset ?? this.#oldest;
    this.#more.hidden = isOldest;
    this.#said.textContent = `${count(this.#rows, "message")} of ${this.#channel}${isOldest ? ", down to the oldest that there is" : ""}.`;
  }
}

/** The page in front of an offset, oldest first. The protocol reads forwards, and one answer may have less than was asked for. */
async function before(client, channel, epoch, end) {
  const start = Math.max(0, end - 1 - PAGE);
  const messages = [];
  let read = start;
  while (read < end - 1) {
    const answer = await client.history(channel, { since: { epoch, offset: read }, limit: end - 1 - read });
    const fresh = answer.messages.filter(({ offset }) => offset > read && offset < end);
    if (fresh.length === 0) {
      break;
    }
    messages.push(...fresh);
    read = fresh.at(-1).offset;
  }
  const isOldest = messages.length === 0 || start === 0 || messages[0].offset > start + 1;
  return { messages, isOldest };
}
