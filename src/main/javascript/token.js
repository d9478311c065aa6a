import { StarlingError, UnauthorizedError } from "./errors.js";

/** What both a header and a list of subprotocols can carry. */
const TOKEN = /^[\w.~+-]+$/;

/**
 * The token of a source: of a string itself, of a function what it gives within the time. Rejects with a StarlingError.
 *
 * @param source a string, a function, or undefined: then there is no token
 * @param timers of who waits, so that nothing is left when it ends
 */
export async function fetchToken(source, reason, timers, timeout) {
  const token = typeof source === "function" ? await called(source, reason, timers, timeout) : source;
  if (token !== undefined && (typeof token !== "string" || !TOKEN.test(token))) {
    throw new UnauthorizedError("the token is malformed");
  }
  return token;
}

async function called(source, reason, timers, timeout) {
  let timer;
  const late = new Promise((resolve, reject) => {
    timer = timers.after(timeout, () => reject(noToken("it did not come in time")));
  });
  try {
    return await Promise.race([source(reason), late]);
  } catch (error) {
    throw error instanceof StarlingError ? error : noToken(error?.message ?? error);
  } finally {
    timers.cancel(timer);
  }
}

function noToken(why) {
  return new StarlingError(`no token: ${why}`, { code: "unauthorized", retry: true });
}
