// The client, from the sources, and the helpers of its tests.
import assert from "node:assert/strict";
import WebSocket from "ws";

/** Where it is. */
export const SOURCE = process.env.STARLING_CLIENT ?? new URL("../../../main/javascript/index.js", import.meta.url).href;

const { Starling, StarlingError, UnauthorizedError } = await import(SOURCE);

export { Starling, StarlingError, UnauthorizedError, WebSocket };

const BOUND = 20_000;

let channels = 0;

/** A channel that no other test uses; `kind` says what the server does with it. */
export function fresh(kind = "kept") {
  return `${kind}:${process.pid}-${++channels}`;
}

/** A client on npm's `ws` that is closed when the test ends. */
export function connect(t, url, options = {}) {
  const client = new Starling(url, { WebSocket, baseDelay: 50, maxDelay: 400, ...options });
  t.after(() => client.close());
  return client;
}

/** What an emitter has told so far, in order. */
export function record(emitter, ...events) {
  const seen = [];
  for (const event of events) {
    emitter.on(event, (value) => seen.push(events.length > 1 ? { event, ...value } : value));
  }
  return seen;
}

/** The next event of this kind, or the next that is as wanted. */
export function next(emitter, event, wanted = () => true) {
  return within(`event ${event}`, (resolve) => {
    const off = emitter.on(event, (value) => {
      if (wanted(value)) {
        off();
        resolve(value);
      }
    });
  });
}

/** Waits until the condition holds; looks each few milliseconds. */
export function until(what, condition, bound = BOUND) {
  return within(what, (resolve) => {
    const look = setInterval(() => {
      if (condition()) {
        clearInterval(look);
        resolve();
      }
    }, 5);
    return () => clearInterval(look);
  }, bound);
}

function within(what, start, bound = BOUND) {
  return new Promise((resolve, reject) => {
    let stop;
    const timer = setTimeout(() => {
      stop?.();
      reject(new assert.AssertionError({ message: `not within ${bound} ms: ${what}` }));
    }, bound);
    stop = start((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}

export function numbers(from, to) {
  return Array.from({ length: to - from + 1 }, (_, n) => from + n);
}
