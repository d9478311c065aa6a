// The programs in the documents, as they stand there, with a token endpoint behind a proxy that answers with 502 at first.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { shared, token } from "./server.mjs";
import { connect, fresh, SOURCE, until, WebSocket } from "./under-test.mjs";

const PROGRAM = /^```(?:js|html)\n(.*?)^```/ms;
const SCRIPT = /<script type="module">\n(.*)<\/script>/s;

/** The first program of a document of the client's, or of those beside it. */
function programOf(path) {
  const [, block] = PROGRAM.exec(readFileSync(new URL(path, SOURCE), "utf8"));
  return SCRIPT.exec(block)?.[1] ?? block;
}

for (const path of ["README.md", "../../docs/clients.md"]) {
  test(`the program in ${path} waits for a token that is one, and then listens`, async (t) => {
    const answers = [new Response("<html>502 Bad Gateway</html>", { status: 502 }), new Response("token-like", { status: 503 }), new Response(token())];
    const asked = [];
    const { fetch } = globalThis;
    t.mock.method(globalThis, "fetch", async (address, ...more) => {
      if (address === "/token") {
        asked.push(address);
        return answers.shift();
      }
      return fetch(address, ...more);
    });
    globalThis.WebSocket ??= WebSocket;
    t.after(() => globalThis.WebSocket === WebSocket && delete globalThis.WebSocket);
    const shown = t.mock.method(console, "log", () => {});
    const channel = fresh();
    const program = programOf(path)
      .replace(/from ".*"/, `from ${JSON.stringify(SOURCE)}`)
      .replace(/"wss:\/\/[^"]*"/, JSON.stringify(shared.url))
      .replaceAll("chat:42", channel)
      .concat("\nexport { starling };");
    assert.match(program, /\.ok\b/, "it looks at the status");
    const { starling } = await import(`data:text/javascript,${encodeURIComponent(program)}`); // done when it has published
    t.after(() => starling.close());
    const calls = () => shown.mock.calls.map((call) => call.arguments);
    await until("its own message", () => calls().length >= 1);
    await connect(t, shared.url, { token: token() }).publish(channel, 2);
    await until("another one", () => calls().length >= 2);
    assert.deepEqual(calls(), [[1, { text: "hi" }], [2, 2]]);
    assert.equal(asked.length, 3);
  });
}

test("each program that fetches a token looks at the status", () => {
  for (const path of ["README.md", "index.d.ts", "../../docs/clients.md", "../../../README.md"]) {
    const text = readFileSync(new URL(path, SOURCE), "utf8");
    for (const [program] of text.matchAll(/```(?:js|ts|html)\n.*?```|```js.*?\* ```/gs)) {
      assert.ok(!/fetch\(/.test(program) || /\.ok\b/.test(program), `${path}: ${program}`);
    }
  }
});
