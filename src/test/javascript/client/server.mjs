// Real servers, each a process of its own, and tokens for them.
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SECRET = "the-client-tests-sign-with-these-40-bytes";
const JVM = ["-Xmx256m"];
/** Of the shared server, milliseconds. */
export const HEARTBEAT = 1000;
/** Connections that each user may have to it. */
export const MOST_PER_USER = 8;

/** How it is started. */
export const SHARED = {
  "starling.node": "starling-a",
  "starling.heartbeat.interval": `${HEARTBEAT}ms`,
  "starling.limits.max-connections-per-user": MOST_PER_USER,
  "starling.limits.max-subscriptions": 500,
  "starling.security.token-grace": "0s",
};

const START = 90_000;
const EXIT = 20_000;

const CHANNELS = [
  { pattern: "kept:*", subscribe: "anyone", publish: "anyone", "history-size": 10_000, presence: true, "join-leave": true },
  { pattern: "short:*", subscribe: "anyone", publish: "anyone", "history-size": 2 },
  { pattern: "plain:*", subscribe: "anyone", publish: "anyone" },
];

/** A JWT of this user; `seconds` until it expires. */
export function token({ user = "alice", seconds = 3600, ...claims } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const parts = [{ alg: "HS256", typ: "JWT" }, { sub: user, iat: now, exp: now + seconds, ...claims }];
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${text}.${createHmac("sha256", SECRET).update(text).digest("base64url")}`;
}

/** The server that most tests share, as run.mjs has started it. */
export const shared = { port: Number(process.env.STARLING_PORT), url: `ws://localhost:${process.env.STARLING_PORT}/ws` };

/** Starts a server, on a free port unless the properties name one, and waits until it is ready. */
export async function startServer(properties = {}) {
  const at = properties["server.port"] ?? (await freePort());
  const child = spawn(process.env.STARLING_JAVA ?? "java", [...JVM, ...more(), "-jar", jar(), ...flags(at, properties)], {
    cwd: mkdtempSync(join(tmpdir(), "starling-client-")),
  });
  const server = new Server(child, at);
  await server.ready();
  return server;
}

/** What makes the jar start sooner, if its name came with such. */
function more() {
  return process.env.STARLING_JVM?.split(" ") ?? [];
}

function jar() {
  if (!process.env.STARLING_JAR) {
    throw new Error("STARLING_JAR has to name the jar: run by way of ./mvnw verify, or set it");
  }
  return process.env.STARLING_JAR;
}

function flags(port, properties) {
  const rules = CHANNELS.flatMap((rule, n) => Object.entries(rule).map(([key, value]) => [`starling.channels[${n}].${key}`, value]));
  const all = { "server.port": port, "starling.security.jwt.secret": SECRET, ...Object.fromEntries(rules), ...properties };
  return Object.entries(all).map(([name, value]) => `--${name}=${value}`);
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

class Server {
  #child;
  #log = "";

  constructor(child, port) {
    this.#child = child;
    this.port = port;
    child.stdout.on("data", (part) => (this.#log += part));
    child.stderr.on("data", (part) => (this.#log += part));
  }

  get url() {
    return `ws://localhost:${this.port}/ws`;
  }

  async ready() {
    const end = Date.now() + START;
    while (!(await this.#answers("/readyz"))) {
      if (this.#child.exitCode !== null || Date.now() > end) {
        throw new Error(`the server did not start:\n${this.#log}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async #answers(path) {
    try {
      return (await fetch(`http://localhost:${this.port}${path}`)).ok;
    } catch {
      return false;
    }
  }

  /** Sends a signal; resolved when the process is gone. */
  async stop(signal = "SIGKILL") {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill(signal);
      await once(this.#child, "exit", { signal: AbortSignal.timeout(EXIT) });
    }
  }
}
