import { Timers } from "./timers.js";
import { LEAST } from "./wish.js";

/** What tells a browser's page that now is a good time to connect, or to look whether the connection still lives. */
const EVENTS = [
  ["online", () => globalThis],
  ["pageshow", () => globalThis],
  ["visibilitychange", () => globalThis.document],
];

/**
 * Calls back when the network or the page is back, with whether it is the network; at most once a second, since some networks come and
 * go. Returns a function that ends it. Where there is no page, it never calls.
 */
export function onWake(wake, clock) {
  const timers = new Timers(clock);
  let wokeAt = -Infinity;
  let due = null;
  let isNetwork = false;
  const run = () => {
    const network = isNetwork;
    due = null;
    isNetwork = false;
    wokeAt = clock.now();
    wake(network);
  };
  const heard = (event) => {
    if (globalThis.document?.visibilityState === "hidden" && event.type !== "online") {
      return;
    }
    isNetwork ||= event.type === "online";
    const wait = wokeAt + LEAST - clock.now();
    if (wait <= 0) {
      run();
    } else {
      due ??= timers.after(wait, run);
    }
  };
  const targets = EVENTS.map(([event, target]) => [event, target()]).filter(([, target]) => target?.addEventListener);
  targets.forEach(([event, target]) => target.addEventListener(event, heard));
  return () => {
    timers.clear();
    targets.forEach(([event, target]) => target.removeEventListener(event, heard));
  };
}
