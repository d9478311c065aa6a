/** What tells a browser's page that now is a good time to connect, or to look whether the connection still lives. */
const EVENTS = [
  ["online", () => globalThis],
  ["pageshow", () => globalThis],
  ["visibilitychange", () => globalThis.document],
];

/** Calls back, with the event's name, when the network or the page is back. Returns a function that ends it. Where there is no page, it never calls. */
export function onWake(wake) {
  const wakeIfSeen = (event) => {
    if (globalThis.document?.visibilityState !== "hidden") {
      wake(event.type);
    }
  };
  const targets = EVENTS.map(([event, target]) => [event, target()]).filter(([, target]) => target?.addEventListener);
  targets.forEach(([event, target]) => target.addEventListener(event, wakeIfSeen));
  return () => targets.forEach(([event, target]) => target.removeEventListener(event, wakeIfSeen));
}
