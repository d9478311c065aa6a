import { refusalMeaning } from "./codes.js";

const TIMEOUT = 10_000;

/** Where the server is: above the directory of this page, whatever stands before that. */
export const BASE = new URL("../", import.meta.url);

/** A request that failed. `status` is that of HTTP; 0 if there was no answer. `code` is the reason that the answer gave, if any. */
export class ApiError extends Error {
  constructor(message, status, code) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
  }
}

/** The server's API for whoever has this token. */
export class Api {
  #token;

  constructor(token) {
    this.#token = token;
  }

  /** The JSON at a path below `api/`. Rejects with an {@link ApiError}; parameters that are empty are left out. */
  async get(path, parameters = {}) {
    const url = new URL(`api/${path}`, BASE);
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined && value !== "") {
        url.searchParams.set(name, value);
      }
    }
    const answer = await this.#ask(url);
    const body = await read(answer);
    if (!answer.ok) {
      const { code, detail, title } = body ?? {};
      const meaning = refusalMeaning(code) || detail || title || `the server answered ${answer.status}`;
      throw new ApiError(meaning, answer.status, code);
    }
    if (body === null) {
      throw new ApiError("what the server answered can't be read", answer.status);
    }
    return body;
  }

  async #ask(url) {
    try {
      return await fetch(url, {
        headers: { Authorization: `Bearer ${this.#token}` },
        cache: "no-store",
        credentials: "omit",
        signal: AbortSignal.timeout(TIMEOUT),
      });
    } catch (error) {
      throw new ApiError(error.name === "TimeoutError" ? "the server did not answer in time" : "the server does not answer", 0);
    }
  }
}

/** The JSON of an answer; null if it is none. */
async function read(answer) {
  try {
    return await answer.json();
  } catch {
    return null;
  }
}
