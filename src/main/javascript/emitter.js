/** Listeners by event. One that throws is reported as an uncaught error is, and keeps nothing from the others. */
export class Emitter {
  #listeners = new Map();

  /** Returns a function that takes the listener away again. */
  on(event, listener) {
    if (typeof listener !== "function") {
      throw new TypeError(`the listener of "${event}" is no function`);
    }
    const known = this.#listeners.get(event);
    this.#listeners.set(event, known ? [...known, listener] : [listener]);
    return () => this.off(event, listener);
  }

  off(event, listener) {
    const left = (this.#listeners.get(event) ?? []).filter((each) => each !== listener);
    this.#listeners.set(event, left);
  }

  /** Tells all that listen now; whether there was anybody. */
  emit(event, value) {
    const listeners = this.#listeners.get(event) ?? [];
    for (const listener of listeners) {
      try {
        listener(value);
      } catch (error) {
        report(error);
      }
    }
    return listeners.length > 0;
  }
}

function report(error) {
  if (typeof globalThis.reportError === "function") {
    globalThis.reportError(error);
  } else {
    console.error(error);
  }
}
