import { el } from "./dom.js";
import { bytes } from "./format.js";

/** Characters that show at once. */
const SHORT = 500;

/** JSON text, shortened with a way to see all of it. */
export function dataText(text) {
  if (text.length <= SHORT) {
    return el("code", {}, text);
  }
  const code = el("code", {}, `${text.slice(0, SHORT)}…`);
  const more = el("button", { type: "button", class: "small" }, `Show all (${bytes(text.length)})`);
  more.addEventListener("click", () => {
    code.textContent = text;
    more.remove();
  });
  return el("span", {}, code, " ", more);
}
