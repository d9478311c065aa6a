import { el } from "./dom.js";
import { time } from "./format.js";
import { SPAN } from "./samples.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const WIDTH = 300;
const HEIGHT = 80;
const NONE = "–";

/** Lines over the last minutes, with their present values as text. */
export class Chart {
  #lines;
  #format;
  #steps;
  #points = [];
  #end = 0;
  #svg;
  #cursor;
  #top = el("span", { class: "chart-top" });
  #when = el("span", { class: "muted" }, "now");

  element;

  /**
   * @param lines `{key, name}` each: what it is called in the points and on the page
   * @param format makes a value a text
   * @param steps gives the values that the scale may end at
   */
  constructor(title, lines, format, steps = decimal) {
    this.#format = format;
    this.#steps = steps;
    this.#lines = lines.map((line, index) => ({
      ...line,
      path: svg("path", { class: `line line-${index}` }),
      value: el("span", { class: "value" }, NONE),
    }));
    const grid = [0, HEIGHT / 2, HEIGHT].map((y) => svg("line", { class: "grid-line", x1: 0, x2: WIDTH, y1: y, y2: y }));
    this.#cursor = svg("line", { class: "cursor", y1: 0, y2: HEIGHT, visibility: "hidden" });
    this.#svg = svg("svg", { viewBox: `0 -1 ${WIDTH} ${HEIGHT + 2}`, preserveAspectRatio: "none", role: "img", "aria-label": title });
    this.#svg.append(...grid, ...this.#lines.map(({ path }) => path), this.#cursor);
    this.#svg.addEventListener("pointermove", (event) => this.#point(event));
    this.#svg.addEventListener("pointerleave", () => this.#release());
    this.element = el(
      "figure",
      { class: "card chart" },
      el("figcaption", {}, el("h2", {}, title), this.#when),
      el("div", { class: "legend" }, ...this.#lines.map(legend)),
      el("div", { class: "plot" }, this.#svg, this.#top),
      el("div", { class: "axis muted", "aria-hidden": "true" }, el("span", {}, "5 min ago"), el("span", {}, "now")),
    );
  }

  /** @param points oldest first, each with its `time` in milliseconds since 1970 */
  draw(points, end) {
    this.#points = points;
    this.#end = end;
    const most = Math.max(0.001, ...points.flatMap((point) => this.#lines.map(({ key }) => point[key] ?? 0)));
    const top = this.#steps(most).find((bound) => bound >= most);
    this.#top.textContent = this.#format(top);
    for (const { key, path } of this.#lines) {
      path.setAttribute("d", this.#path(key, top));
    }
    if (this.#cursor.getAttribute("visibility") === "hidden") {
      this.#release();
    }
  }

  #path(key, top) {
    let path = "";
    let isOn = false;
    for (const point of this.#points) {
      const value = point[key] ?? null;
      if (value !== null) {
        const y = HEIGHT - (value / top) * HEIGHT;
        path += `${isOn ? "L" : "M"}${this.#x(point.time).toFixed(1)} ${y.toFixed(1)}`;
      }
      isOn = value !== null;
    }
    return path;
  }

  #x(millis) {
    return WIDTH - ((this.#end - millis) / SPAN) * WIDTH;
  }

  /** Shows the values where the pointer is. */
  #point(event) {
    const box = this.#svg.getBoundingClientRect();
    const wanted = this.#end - (1 - (event.clientX - box.left) / box.width) * SPAN;
    const distance = (point) => Math.abs(point.time - wanted);
    const nearest = this.#points.reduce((best, point) => (best && distance(best) <= distance(point) ? best : point), null);
    if (nearest) {
      const x = this.#x(nearest.time);
      set(this.#cursor, { x1: x, x2: x, visibility: "visible" });
      this.#tell(nearest, time(nearest.time));
    }
  }

  #release() {
    this.#cursor.setAttribute("visibility", "hidden");
    this.#tell(this.#points.at(-1) ?? {}, "now");
  }

  #tell(point, when) {
    this.#when.textContent = when;
    for (const { key, value } of this.#lines) {
      value.textContent = typeof point[key] === "number" ? this.#format(point[key]) : NONE;
    }
  }
}

function legend({ name, value }, index) {
  return el("span", { class: `entry entry-${index}` }, el("span", { class: "muted" }, name), value);
}

/** 1, 2 and 5 times a power of ten, near a value. */
function decimal(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10, 20].map((factor) => factor * power);
}

/** Powers of two, for bytes, near a value. */
export function binary(value) {
  const power = 2 ** Math.max(0, Math.floor(Math.log2(value)));
  return [power, 2 * power, 4 * power];
}

function svg(tag, attributes) {
  return set(document.createElementNS(NAMESPACE, tag), attributes);
}

function set(element, attributes) {
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
  return element;
}
