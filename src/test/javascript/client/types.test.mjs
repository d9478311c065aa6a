// The types say what the client is.
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import * as client from "./under-test.mjs";

const TYPES = fileURLToPath(new URL("index.d.ts", client.SOURCE));

const USAGE = `
import StarlingByDefault, { Starling, StarlingError, UnauthorizedError, type Message, type Disconnect } from "starling-client";

interface Line { text: string }
const starling = new Starling("wss://host/ws", {
  token: async (reason) => { if (reason === "refused") throw new UnauthorizedError("signed out"); return "a.b.c"; },
  overflow: "drop-oldest",
  fetch: null,
});
const room = starling.subscribe<Line>("chat:42", { recover: { epoch: "e", offset: 7 }, token: () => "a.b.c" });
const off: () => void = room.on("message", ({ data, offset }: Message<Line>) => { const n: number = offset ?? 0; data.text.at(n); });
room.on("lost", ({ since, position }) => [since?.offset, position?.epoch]);
room.on("gap", ({ from, to }) => from + to);
room.on("join", ({ user, channel }) => user + channel);
starling.on("disconnected", (disconnect: Disconnect) => disconnect.retryIn?.toFixed());
starling.on("state", ({ state, previous }) => state === "closed" && previous === "waiting");
starling.on("error", (error: StarlingError) => error.retry || error.code === 105);
const { offset } = await starling.publish("chat:42", { text: "hi" }, { key: "k", timeout: 5 });
const line: string = (await room.history({ limit: 5 })).messages[0].data.text;
const names: string[] = (await room.presence()).members.map((member) => member.user);
const rtt: number = (await starling.ping()).roundTrip;
const place: number | undefined = room.position?.offset;
const second: Starling = new StarlingByDefault(new URL("wss://host/ws"));
second.close();
off();
// @ts-expect-error
starling.on("no such event", () => {});
// @ts-expect-error
new Starling("wss://host/ws", { overflow: "explode" });
// @ts-expect-error
starling.state = "closed";
export { offset, line, names, rtt, place };
`;

function compile(usage) {
  const file = join(mkdtempSync(join(tmpdir(), "starling-types-")), "usage.mts");
  writeFileSync(file, usage);
  return ts.createProgram([file], {
    noEmit: true,
    strict: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    paths: { "starling-client": [TYPES] },
  });
}

const program = compile(USAGE);

test("what the README shows compiles, and what is wrong does not", () => {
  const diagnostics = ts.getPreEmitDiagnostics(program);
  assert.equal(ts.formatDiagnostics(diagnostics, { getCanonicalFileName: (name) => name, getCurrentDirectory: () => "", getNewLine: () => "\n" }), "");
});

test("classes have the members that their types name, and no others", (t) => {
  const checker = program.getTypeChecker();
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(TYPES)));
  const members = (name) => {
    const type = checker.getDeclaredTypeOfSymbol(exported.find((symbol) => symbol.name === name));
    return type.getProperties().map((symbol) => symbol.name).sort();
  };
  const actual = (prototype) => Object.getOwnPropertyNames(prototype).filter((name) => name !== "constructor").sort();
  const starling = new client.Starling("ws://127.0.0.1:1/ws", { WebSocket: client.WebSocket });
  t.after(() => starling.close());
  assert.deepEqual(actual(client.Starling.prototype), members("Starling"));
  assert.deepEqual(actual(Object.getPrototypeOf(starling.subscribe("c"))), members("Subscription"));
});
