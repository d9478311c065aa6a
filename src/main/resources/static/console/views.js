import { byId } from "./dom.js";

const FIRST = "channels";

/** The views of the console. The address says which one shows, so that links, *Back* and bookmarks work. */
export class Views {
  #views;
  #shown = null;
  #session = null;

  /** @param views by id; each null, or with `open(session)`, `close()`, `show()`, `hide()` */
  constructor(views) {
    this.#views = views;
    addEventListener("hashchange", () => this.#session && this.#follow(true));
  }

  open(session) {
    this.#session = session;
    this.#parts().forEach((view) => view.open(session));
    byId("nav").hidden = false;
    byId("sign-out").hidden = false;
    byId("user").hidden = false;
    byId("user").textContent = session.user;
    session.addEventListener("node", () => {
      if (session === this.#session) {
        this.#rights();
        this.#follow(false);
      }
    });
  }

  close() {
    this.#session = null;
    this.#show(null);
    this.#parts().forEach((view) => view.close());
    ["nav", "sign-out", "user"].forEach((id) => (byId(id).hidden = true));
  }

  #parts() {
    return Object.values(this.#views).filter((view) => view !== null);
  }

  #rights() {
    for (const link of this.#links()) {
      link.hidden = "ops" in link.dataset && !this.#session.isOperator;
    }
  }

  #links() {
    return [...byId("nav").querySelectorAll("a")];
  }

  #follow(byHand) {
    const wanted = this.#links().find((link) => link.hash === location.hash && !link.hidden);
    const id = wanted ? wanted.hash.slice(1) : FIRST;
    if (id !== this.#shown) {
      this.#show(id);
      if (byHand) {
        byId(`${id}-title`).focus({ preventScroll: true });
        scrollTo(0, 0);
      }
    }
  }

  #show(id) {
    this.#views[this.#shown]?.hide();
    this.#shown = id;
    for (const link of this.#links()) {
      const view = link.hash.slice(1);
      byId(view).hidden = view !== id;
      if (view === id) {
        link.setAttribute("aria-current", "page");
      } else {
        link.removeAttribute("aria-current");
      }
    }
    this.#views[id]?.show();
  }
}
