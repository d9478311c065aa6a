// Generates a client from the document that a node serves, and publishes and reads by it.
//   node generated-client.mjs <http://host:port> <token> <channel that keeps a history>
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";

const [base, token, channel] = process.argv.slice(2);
const directory = mkdtempSync("generated-"); // here, so that it finds its runtime
const file = (name) => join(directory, name);

writeFileSync(file("openapi.yaml"), await (await fetch(`${base}/api/openapi.yaml`)).text());
execFileSync(process.execPath, ["node_modules/oazapfts/dist/cli.js", "--optimistic", file("openapi.yaml"), file("client.ts")]);
const { outputText } = ts.transpileModule(readFileSync(file("client.ts"), "utf8"), {
  compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
});
writeFileSync(file("client.mjs"), outputText);
const api = await import(pathToFileURL(file("client.mjs")));

Object.assign(api.defaults, { baseUrl: base, headers: { Authorization: `Bearer ${token}` } });
for (const data of [{ text: "hello" }, [1]]) {
  const published = await api.publishMessage(channel, data, { idempotencyKey: JSON.stringify(data) });
  console.log(`published ${published.offset} to ${published.channel}`);
}
const history = await api.readHistory(channel, { order: "asc", limit: 10 });
console.log(history.items.map((message) => JSON.stringify(message.data)).join(" "));
const described = await api.getChannel(channel);
console.log(`subscribers ${described.subscribers}, history up to ${described.history.offset}`);
await api.listConnections().catch((refused) => console.log(`${refused.status} ${refused.data.code}`));
