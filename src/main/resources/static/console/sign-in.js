import { byId } from "./dom.js";
import { Session } from "./session.js";

/** What a JWT is made of. */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]*$/;

const NO_TOKEN = "This is no token: a JWT is three words of letters, digits, - and _, with dots between.";

/** How a visitor becomes a session: by a link with `#token=…`, by what this tab remembers, or by the form. */
export class SignIn {
  #opened;
  #refused;
  #attempts = 0;

  /** @param opened is told of each new session @param refused is called when there is no session any more */
  constructor(opened, refused) {
    this.#opened = opened;
    this.#refused = refused;
    byId("sign-in-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#with(clean(byId("token").value), false);
    });
    byId("show-token").addEventListener("click", () => show(byId("token").type === "password"));
    addEventListener("hashchange", () => this.#take());
  }

  begin() {
    if (this.#take()) {
      return;
    }
    const token = Session.remembered();
    if (token) {
      this.#with(token, true);
    } else {
      this.ask();
    }
  }

  /** With the token that there is. */
  again() {
    this.#with(Session.remembered() ?? "", true);
  }

  /** Shows the form, with an error if there is one. */
  ask(error = "") {
    this.#attempts++;
    byId("sign-in").hidden = false;
    byId("token").value = "";
    show(false);
    busy(false);
    say(error);
    byId("token").focus();
  }

  /** A token in the address: out of it at once, so that it is in no history and no screenshot. */
  #take() {
    const found = /^#token=(.*)$/.exec(location.hash);
    if (found) {
      window.history.replaceState(null, "", "#channels");
      this.#with(clean(found[1]), false);
    }
    return found !== null;
  }

  async #with(token, patient) {
    if (!TOKEN.test(token)) {
      this.#failed(token === "" ? "Paste a token first." : NO_TOKEN);
      return;
    }
    const attempt = ++this.#attempts;
    say("");
    busy(true);
    try {
      const session = await Session.open(token, patient);
      if (attempt === this.#attempts) {
        this.#done(session);
      } else {
        session.close();
      }
    } catch (error) {
      if (attempt === this.#attempts) {
        this.#failed(meaning(error));
      }
    } finally {
      busy(false);
    }
  }

  #done(session) {
    const isForm = !byId("sign-in").hidden;
    byId("sign-in").hidden = true;
    byId("token").value = "";
    this.#opened(session);
    if (isForm) {
      byId("main").focus(); // what had the focus is gone
    }
  }

  #failed(text) {
    this.#refused();
    byId("sign-in").hidden = false;
    say(text);
    byId("token").focus();
  }
}

/** People paste whole links and headers, too. */
function clean(text) {
  return text.trim().replace(/^.*#token=/, "").replace(/^bearer\s+/i, "");
}

function meaning(error) {
  const code = error.code ? ` (${error.status}, ${error.code})` : error.status ? ` (${error.status})` : "";
  const hint = error.status === 0 ? " Is it running? Try again when it is." : "";
  const text = `${error.message}${hint}${code}`;
  return text[0].toUpperCase() + text.slice(1);
}

function show(plain) {
  byId("token").type = plain ? "text" : "password";
  byId("show-token").textContent = plain ? "Hide" : "Show";
  byId("show-token").setAttribute("aria-pressed", String(plain));
}

function busy(isBusy) {
  byId("sign-in-button").disabled = isBusy;
  byId("sign-in-button").textContent = isBusy ? "Signing in…" : "Sign in";
}

function say(text) {
  byId("sign-in-error").textContent = text;
  byId("sign-in-error").hidden = text === "";
  byId("token").setAttribute("aria-invalid", String(text !== ""));
}
