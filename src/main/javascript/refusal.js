import { LEAST, LONGEST, within } from "./wish.js";

/**
 * Why the server refused an upgrade. A browser does not tell (https://websockets.spec.whatwg.org/#feedback-from-the-protocol),
 * so a plain GET of the same address asks again: the server answers it as it would answer the upgrade.
 */

const LONGEST_BODY = 4096;

/**
 * What the answer to an upgrade, or to the question after it, says: `status`, `reason`, `retryAfter` in milliseconds, kept within
 * bounds. A `Retry-After` that is a date, which no node sends, counts as none.
 */
function refusal(status, retryAfter, body) {
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : undefined;
  return { status, reason: reason(body), retryAfter: within(seconds && seconds * 1000, LEAST, LONGEST) };
}

function reason(body) {
  try {
    const { code } = JSON.parse(body);
    return typeof code === "string" ? code : undefined;
  } catch {
    return undefined;
  }
}

/** Asks why; null if the server would let us in now, or is not to be asked. */
export async function askWhy(url, token, fetch, signal) {
  try {
    const answer = await fetch(url.href.replace(/^ws/, "http"), {
      headers: token ? { Authorization: `Bearer ${token}` } : {},
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal,
    });
    const refused = answer.status === 429 || answer.status >= 500 || answer.status === 401 || answer.status === 403;
    return refused ? refusal(answer.status, answer.headers.get("Retry-After"), await answer.text()) : null;
  } catch {
    return null;
  }
}

/** The same from what the package `ws` tells; it leaves the rest of the answer to us. Calls back when that has been read. */
export function readAnswer(response, done) {
  let body = "";
  const finish = () => done(refusal(response.statusCode, response.headers["retry-after"], body));
  response.setEncoding("utf8");
  response.on("data", (part) => {
    if (body.length < LONGEST_BODY) {
      body += part;
    }
  });
  response.once("end", finish);
  response.once("error", finish);
}
