// Servers without a network, and clients whose time is a clock of the test's: hours pass in milliseconds.
import { FakeClock } from "./fake-clock.mjs";
import { Starling } from "./under-test.mjs";

const WELCOME = { type: "welcome", connection: "c", node: "n", heartbeat: 30_000, maxMessageBytes: 65_536 };

/**
 * A client of a server that says what the test makes it say: `welcome` and `onFrame(socket, frame)`, which are given the clock first;
 * `sockets` are its connections so far, with `heard`, the frames that came, and `at`, when it was opened. Where `answer(clock)` gives an
 * HTTP answer, each attempt is refused with it.
 */
export function virtual(t, { welcome = () => WELCOME, onFrame = () => {}, answer = () => null, ...options } = {}) {
  const clock = new FakeClock();
  const sockets = [];
  class Socket {
    heard = [];
    at = clock.now();
    isOpen = true;

    constructor() {
      this.n = sockets.push(this);
      setImmediate(() => (answer(clock) ? this.drop(1006) : this.say(welcome(clock, this.n))));
    }

    /** Sends a frame, or a text as it is. */
    say(frame) {
      if (this.isOpen) {
        this.onmessage({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
      }
    }

    send(text) {
      const frame = JSON.parse(text);
      this.heard.push({ ...frame, at: clock.now() });
      setImmediate(() => onFrame(this, frame, clock));
    }

    drop(code, reason = "") {
      this.isOpen = false;
      this.onclose({ code, reason });
    }

    close() {
      this.isOpen = false;
    }
  }
  const fetch = async () => {
    const { status = 426, headers = {}, body = "" } = answer(clock) ?? {};
    return { status, headers: { get: (name) => headers[name] ?? null }, text: async () => body };
  };
  const client = new Starling("ws://nowhere/ws", { WebSocket: Socket, fetch, clock, ...options });
  t.after(() => client.close());
  return { client, clock, sockets };
}

/** Answers what keeps a connection alive. */
export function pong(socket, { type, id }) {
  if (type === "ping") {
    socket.say({ type: "pong", id, ts: 1 });
  }
}
