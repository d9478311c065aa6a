import { el, isSelectedIn, notice } from "./dom.js";
import { time } from "./format.js";
import { Poll } from "./poll.js";

/** Milliseconds between two looks at a list that shows. */
const PERIOD = 5000;

/** Milliseconds without a key after which a search begins. */
const TYPING = 300;

/** Says which nodes are missing in an answer. */
export function silent(missing) {
  return missing.length === 0 ? "" : `; ${missing.map(({ node }) => node).join(", ")} did not answer`;
}

/** A list of the API's that can be searched and is read again now and then. */
export class ListView {
  #api = null;
  #load;
  #write;
  #poll = new Poll(() => this.#look(), PERIOD);
  #typing = null;
  #asked = 0;
  #search;
  #count = el("span", { role: "status" });
  #when = el("span", { class: "muted" });
  #error = el("div", { role: "status" });
  #results;

  /**
   * @param body where it goes
   * @param load `(api, query) => Promise` gives what the API says
   * @param write `(answer, session) => string` puts it on the page, and says in words how much it is
   * @param controls more elements beside the search
   * @param results what is written into
   */
  constructor(body, { load, write, controls, results }) {
    this.#load = load;
    this.#write = write;
    this.#results = results;
    const id = `${body.id}-search`;
    this.#search = el("input", {
      id,
      type: "search",
      placeholder: "User, address or connection",
      autocomplete: "off",
      spellcheck: "false",
      maxlength: "255",
      oninput: () => {
        clearTimeout(this.#typing);
        this.#typing = setTimeout(() => this.search(), TYPING);
      },
    });
    body.append(
      el(
        "div",
        { class: "row toolbar" },
        el("label", { class: "hidden", for: id }, "Search by user, address or connection"),
        this.#search,
        ...controls,
        el("button", { type: "button", onclick: () => this.refresh() }, "Refresh"),
        this.#count,
        this.#when,
      ),
      this.#error,
      results,
    );
  }

  open(session) {
    this.#api = session.api;
  }

  close() {
    this.#api = null;
    this.#asked++;
    clearTimeout(this.#typing);
    this.#poll.stop();
    this.#search.value = "";
    this.#error.replaceChildren();
    this.#count.textContent = "";
  }

  show() {
    this.#poll.start();
  }

  hide() {
    this.#poll.stop();
  }

  /** Called when what is searched for has changed. */
  search() {
    this.refresh();
  }

  /** Reads it again, now. */
  refresh() {
    return this.#look(true);
  }

  async #look(byHand = false) {
    const api = this.#api;
    const asked = ++this.#asked;
    if (api === null || (!byHand && isSelectedIn(this.#results))) {
      return;
    }
    try {
      const answer = await this.#load(api, this.#search.value.trim());
      if (asked === this.#asked) {
        this.#error.replaceChildren();
        this.#say(this.#write(answer));
        this.#when.textContent = `as of ${time(Date.now())}`;
      }
    } catch (error) {
      if (asked === this.#asked) {
        this.#say("");
        this.#error.replaceChildren(notice(`The list is not to be had: ${error.message}. It is asked for again every five seconds.`));
      }
    }
  }

  #say(text) {
    if (this.#count.textContent !== text) {
      this.#count.textContent = text;
    }
  }
}
