/** The element of the page with this id. */
export function byId(id) {
  return document.getElementById(id);
}

/**
 * A new element. Attributes that begin with `on` are listeners, `true` sets one without a value, `false` and `undefined` none.
 * Children are nodes or texts: nothing that comes from outside is ever read as markup.
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) {
      element.addEventListener(name.slice(2), value);
    } else if (value !== false && value !== undefined) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** A notice of what went wrong: what it is, and what to do. */
export function notice(text, kind = "bad") {
  return el("p", { class: `notice ${kind}` }, text);
}

/** A small mark beside a text. */
export function tag(text) {
  return el("span", { class: "tag" }, text);
}

/**
 * A table with a head. Each column is a title, or `{title, numeric}`. The roles are said in so many words, since on a narrow
 * screen the rows are laid out as cards, and browsers forget about tables whose layout is another.
 */
export function table(caption, columns, kind = "") {
  const heads = columns.map((column) =>
    el("th", { scope: "col", role: "columnheader", class: column.numeric ? "number" : undefined }, column.title ?? column),
  );
  const body = el("tbody", { role: "rowgroup" });
  const element = el(
    "table",
    { role: "table", class: `cards ${kind}` },
    el("caption", { class: "hidden" }, caption),
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, ...heads)),
    body,
  );
  return { element, body };
}

/** A cell; `label` is shown in front of it where there is no head above. */
export function cell(label, content, kind) {
  const children = Array.isArray(content) ? content : [content];
  return el("td", { role: "cell", "data-label": label, class: kind }, ...children);
}

/** A row of cells. */
export function row(cells, kind) {
  return el("tr", { role: "row", class: kind }, ...cells);
}

/** A box that a wide table scrolls in, reachable with the keyboard. */
export function scrollBox(label, ...children) {
  return el("div", { class: "scroll", role: "region", "aria-label": label, tabindex: "0" }, ...children);
}

/** Whether somebody has marked text in this element, which must then not be replaced. */
export function isSelectedIn(element) {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && element.contains(selection.anchorNode);
}
