import { StarlingError, UnauthorizedError } from "./errors.js";

/** What both a header and a list of subprotocols can carry. */
const TOKEN = /^[\w.~+-]+$/;

/**
 * The token of a source: of a string itself, of a function what it gives within the time. Rejects with an UnauthorizedError if there
 * will be none, which only the function itself can say, and with another StarlingError if it is worth another try.
 *
 * @param source a string, a function, or undefined: then there is no token
 * @param timers of the caller, so that nothing is left when it ends
 */
export async function fetchToken(source, reason, timers, timeout) {
  if (source === undefined) {
    return undefined;
  }
  const isFunction = typeof source === "function";
  const token = isFunction ? await called(source, reason, timers, timeout) : source;
  if (typeof token === "string" && TOKEN.test(token)) {
    return token;
  }
  throw isFunction ? noToken("what came is not a token") : new UnauthorizedError("the token is malformed");
}

async function called(source, reason, timers, timeout) {
  let timer;
  const late = new Promise((resolve, reject) => {
    timer = timers.after(timeout, () => reject(new Error("it did not come in time")));
  });
  try {
    return await Promise.race([source(reason), late]);
  } catch (error) {
    throw error instanceof UnauthorizedError ? error : noToken(wordsOf(error));
  } finally {
    timers.cancel(timer);
  }
}

function noToken(why) {
  return new StarlingError(`no token: ${why}`, { code: "unauthorized", retry: true });
}

/** An application may throw anything, also what has no text. */
function wordsOf(thrown) {
  try {
    return String(thrown?.message ?? thrown);
  } catch {
    return "the function failed";
  }
}
