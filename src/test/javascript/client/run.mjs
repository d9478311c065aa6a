// Runs the tests of the client against a real server: node client/run.mjs [file…]
// STARLING_JAR names the jar, STARLING_REDIS_PORT where a Redis listens that the tests may fill.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { SHARED, startServer } from "./server.mjs";

const here = new URL(".", import.meta.url);
const wanted = process.argv.slice(2);
const files = readdirSync(here).filter((name) => name.endsWith(".test.mjs") && (wanted.length === 0 || wanted.includes(name)));
const server = await startServer(SHARED);
try {
  const tests = spawn(process.execPath, ["--test", "--test-reporter=tap", ...files], {
    cwd: here,
    env: { ...process.env, STARLING_PORT: String(server.port) },
    stdio: ["ignore", "inherit", "inherit"],
  });
  [process.exitCode] = await once(tests, "exit");
} finally {
  await server.stop();
}
