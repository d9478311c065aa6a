import { CLOCK } from "./timers.js";

const DEFAULTS = {
  token: undefined,
  baseDelay: 1000,
  maxDelay: 30_000,
  maxRetries: Infinity,
  connectTimeout: 15_000,
  requestTimeout: 10_000,
  heartbeatSlack: 10_000,
  publishTimeout: 30_000,
  maxQueuedPublishes: 1000,
  overflow: "reject",
  clock: CLOCK,
  random: Math.random,
};

const POSITIVE = [
  "baseDelay",
  "maxDelay",
  "connectTimeout",
  "requestTimeout",
  "heartbeatSlack",
  "publishTimeout",
  "maxQueuedPublishes",
];

/** The options, valid and with their defaults. Throws a TypeError that names the one that is no good. */
export function settingsOf(options) {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings = {
    ...DEFAULTS,
    WebSocket: globalThis.WebSocket,
    fetch: globalThis.fetch?.bind(globalThis),
    ...given,
  };
  for (const name of POSITIVE) {
    check(settings[name] > 0 && Number.isFinite(settings[name]), `${name} has to be a positive number`);
  }
  check(settings.maxRetries >= 0, "maxRetries has to be a number from 0 on");
  check(["reject", "drop-oldest"].includes(settings.overflow), 'overflow has to be "reject" or "drop-oldest"');
  check(["undefined", "string", "function"].includes(typeof settings.token), "token has to be a string or a function");
  check(typeof settings.WebSocket === "function", "there is no WebSocket here: give the class of the package ws as an option");
  return settings;
}

/** The address, which may be relative in a browser. */
export function addressOf(url) {
  const address = new URL(url, globalThis.location?.href);
  address.protocol = address.protocol.replace("http", "ws");
  check(/^wss?:$/.test(address.protocol), `${url} is no address of a WebSocket`);
  address.hash = "";
  return address;
}

export function check(holds, message) {
  if (!holds) {
    throw new TypeError(message);
  }
}
