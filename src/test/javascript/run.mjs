// Runs the tests in a directory beside a real server: node run.mjs <directory> [file…]
// STARLING_JAR names the jar, STARLING_REDIS_PORT where a Redis listens that the tests may fill.
// For those of `browser` and `events` STARLING_CHROMIUM names the browser; for `browser`, STARLING_LINK is what a server without a key has printed. Where
// STARLING_SCREENSHOTS names a directory, they leave pictures for the documentation there.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { SHARED, startServer } from "./client/server.mjs";

const [directory, ...wanted] = process.argv.slice(2);
const here = new URL(`${directory}/`, import.meta.url);
const files = readdirSync(here).filter((name) => name.endsWith(".test.mjs") && (wanted.length === 0 || wanted.includes(name)));
const server = await startServer(SHARED);
try {
  const tests = spawn(process.execPath, ["--test", "--test-reporter=tap", "--test-concurrency=4", ...files], {
    cwd: here,
    env: { ...process.env, STARLING_PORT: String(server.port) },
    stdio: ["ignore", "inherit", "inherit"],
  });
  [process.exitCode] = await once(tests, "exit");
} finally {
  await server.stop();
}
