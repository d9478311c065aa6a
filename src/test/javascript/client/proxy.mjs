// A TCP proxy with the faults of real networks.
import { once } from "node:events";
import { connect, createServer } from "node:net";

/** Listens on a port of its own and forwards to `target`, which may change: new connections go to the new one. */
export async function startProxy(target) {
  const proxy = new Proxy(target);
  await proxy.listen();
  return proxy;
}

class Proxy {
  #server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  #pairs = new Set();
  #refuses = false;
  #stalled = false;
  /** Milliseconds that each piece is held. */
  delay = 0;
  /** Bytes of each piece that the client gets, if not all at once; one piece per millisecond. */
  drip = 0;
  /** Connections so far. */
  accepted = 0;

  constructor(target) {
    this.target = target;
  }

  async listen() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  get url() {
    return `ws://127.0.0.1:${this.#server.address().port}/ws`;
  }

  get open() {
    return this.#pairs.size;
  }

  #accept(client) {
    if (this.#refuses) {
      client.resetAndDestroy();
      return;
    }
    this.accepted++;
    const server = connect({ port: this.target, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    const pair = { client, server };
    this.#pairs.add(pair);
    this.#pump(client, server, () => false);
    this.#pump(server, client, () => this.drip > 0);
    for (const [socket, other] of [[client, server], [server, client]]) {
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        this.#pairs.delete(pair);
        other.destroy();
      });
      if (this.#stalled) {
        socket.pause();
      }
    }
  }

  #pump(from, to, drips) {
    let turn = Promise.resolve();
    const inTurn = (step) => {
      turn = turn.then(step).catch(() => {});
    };
    from.on("data", (bytes) => {
      if (drips()) {
        from.pause(); // so that whoever sends notices
      }
      inTurn(async () => {
        await this.#forward(bytes, to, drips());
        if (!this.#stalled) {
          from.resume();
        }
      });
    });
    from.on("end", () => inTurn(() => to.end()));
  }

  async #forward(bytes, to, drips) {
    if (this.delay > 0) {
      await pause(this.delay);
    }
    const step = drips ? this.drip : bytes.length;
    for (let at = 0; at < bytes.length; at += step) {
      to.write(bytes.subarray(at, at + step));
      if (drips) {
        await pause(1);
      }
    }
  }

  /** Resets all connections. */
  cut() {
    for (const { client, server } of [...this.#pairs]) {
      client.resetAndDestroy();
      server.destroy();
    }
  }

  /** Ends the server's half of all connections: the client reads an end, and may still write. */
  halfClose() {
    this.#pairs.forEach(({ client }) => client.end());
  }

  /** Forwards nothing any more, and says nothing of it: as when a cable is pulled. New connections hang, too. */
  stall(on = true) {
    this.#stalled = on;
    for (const { client, server } of this.#pairs) {
      for (const socket of [client, server]) {
        if (on) {
          socket.pause();
        } else {
          socket.resume();
        }
      }
    }
  }

  /** Resets whoever comes. */
  refuse(on = true) {
    this.#refuses = on;
  }

  async close() {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
