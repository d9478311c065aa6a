import { errorText } from "./codes.js";
import { el, notice } from "./dom.js";

/** A panel that asks the server about one channel: a form, and below it what the server said. */
export class ChannelPanel {
  #input;
  #body = el("div", {});
  #said = el("p", { class: "said", role: "status" });
  #load;
  #asked = 0;

  /** @param load `(channel) => Promise<Node[]>` gives what to show @param hint what it is that shows */
  constructor(panel, name, load, hint) {
    this.#load = load;
    const id = `${panel.id}-channel`;
    this.#input = el("input", {
      id,
      list: "known-channels",
      autocomplete: "off",
      autocapitalize: "none",
      spellcheck: "false",
      placeholder: "news",
    });
    const submit = (event) => {
      event.preventDefault();
      this.show(this.#input.value.trim());
    };
    const form = el(
      "form",
      { class: "row toolbar", novalidate: true, onsubmit: submit },
      el("label", { for: id }, "Channel"),
      this.#input,
      el("button", { type: "submit" }, `Load ${name}`),
    );
    panel.append(form, el("p", { class: "hint" }, hint), this.#said, this.#body);
  }

  clear() {
    this.#asked++;
    this.#input.value = "";
    this.#said.textContent = "";
    this.#body.replaceChildren();
  }

  async show(channel) {
    this.#input.value = channel;
    if (channel === "") {
      this.#said.textContent = "Name a channel first, such as news.";
      return;
    }
    const asked = ++this.#asked;
    this.#said.textContent = "Asking the server…";
    try {
      const nodes = await this.#load(channel);
      this.#answer(asked, "", nodes);
    } catch (error) {
      this.#answer(asked, "", [notice(errorText(error))]);
    }
  }

  #answer(asked, text, nodes) {
    if (asked === this.#asked) {
      this.#said.textContent = text;
      this.#body.replaceChildren(...nodes);
    }
  }
}
