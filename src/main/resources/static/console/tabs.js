/**
 * Tabs as the ARIA practices have them: one of them can be reached with Tab, the others with the arrows, Home and End.
 * https://www.w3.org/WAI/ARIA/apg/patterns/tabs/
 */
export class Tabs {
  #list;
  #tabs;

  /** @param list the element with role `tablist` */
  constructor(list) {
    this.#list = list;
    this.#tabs = [...list.querySelectorAll("[role=tab]")];
    list.addEventListener("click", (event) => this.#clicked(event.target.closest("[role=tab]")));
    list.addEventListener("keydown", (event) => this.#key(event));
    this.show(panelOf(this.#tabs[0]));
  }

  /** Shows the panel with this id. */
  show(panel) {
    for (const tab of this.#tabs) {
      const isShown = panelOf(tab) === panel;
      tab.setAttribute("aria-selected", String(isShown));
      tab.tabIndex = isShown ? 0 : -1;
      document.getElementById(panelOf(tab)).hidden = !isShown;
    }
  }

  /** Shows it, and goes there: on a narrow screen it may be far below. */
  go(panel) {
    this.show(panel);
    this.#tabs.find((tab) => panelOf(tab) === panel).focus({ preventScroll: true });
    this.#list.parentElement.scrollIntoView({ block: "nearest" });
  }

  #clicked(tab) {
    if (tab) {
      this.show(panelOf(tab));
    }
  }

  #key(event) {
    const last = this.#tabs.length - 1;
    const at = this.#tabs.indexOf(event.target);
    const to = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      this.show(panelOf(this.#tabs[to]));
      this.#tabs[to].focus();
    }
  }
}

function panelOf(tab) {
  return tab.getAttribute("aria-controls");
}
