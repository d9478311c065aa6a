import { Starling } from "../client/index.js";
import { Api, BASE } from "./api.js";

const TOKEN = "starling.token";
const PATH = "starling.path";
const CHANNELS = "starling.channels";

/**
 * Somebody who is signed in: the token, the API, and the client with its connection. Sends `node` when what is known of the
 * server has changed. What it remembers, it does in this tab only.
 */
export class Session extends EventTarget {
  #token;

  /** What `GET /api/node` said last; null if it has not answered. */
  node;
  api;
  client = null;

  constructor(token, api, node) {
    super();
    this.#token = token;
    this.api = api;
    this.node = node;
    remember(TOKEN, token);
    if (node) {
      remember(PATH, node.websocketPath ?? "/ws");
    }
    this.client = new Starling(address(recall(PATH) ?? "/ws"), { token });
  }

  /**
   * Asks the server whether it knows the token. Rejects with an ApiError if it does not.
   *
   * @param patient whether to go on if the server is away: it was there before
   */
  static async open(token, patient) {
    const api = new Api(token);
    try {
      return new Session(token, api, await api.get("node"));
    } catch (error) {
      if (error.status === 404 || (patient && error.status !== 401)) {
        return new Session(token, api, null);
      }
      throw error;
    }
  }

  /** The token that this tab was signed in with; null if there is none. */
  static remembered() {
    return recall(TOKEN);
  }

  static forget() {
    [TOKEN, PATH, CHANNELS].forEach((key) => remember(key, null));
  }

  /** Whom the token names; only for show, since nobody has verified it here. */
  get user() {
    try {
      const claims = this.#token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
      const text = new TextDecoder().decode(Uint8Array.from(atob(claims), (letter) => letter.charCodeAt(0)));
      return String(JSON.parse(text).sub ?? "");
    } catch {
      return "";
    }
  }

  get isOperator() {
    return this.node?.ops === true;
  }

  /** The channels that this tab was subscribed to before it was loaded anew. */
  get channels() {
    return JSON.parse(recall(CHANNELS) ?? "[]");
  }

  set channels(names) {
    remember(CHANNELS, JSON.stringify(names));
  }

  /** To be called when everybody listens. */
  start() {
    this.client.on("connected", () => this.#look());
    this.dispatchEvent(new Event("node"));
  }

  /** The connection may be to another node, or to one that was started anew. */
  async #look() {
    try {
      this.node = await this.api.get("node");
      this.dispatchEvent(new Event("node"));
    } catch {
      // what was known stays; the state of the connection is shown anyway
    }
  }

  close() {
    this.client.close();
  }
}

function address(path) {
  return new URL(path.replace(/^\//, ""), BASE);
}

function recall(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null; // storage is forbidden here
  }
}

function remember(key, value) {
  try {
    if (value === null) {
      sessionStorage.removeItem(key);
    } else {
      sessionStorage.setItem(key, value);
    }
  } catch {
    // storage is forbidden here: a reload asks for the token again
  }
}
