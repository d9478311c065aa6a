// Since when the console counts what it calls new.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SOURCE } from "./under-test.mjs";

const asModule = (text) => `data:text/javascript,${encodeURIComponent(text)}`;
const read = (name) => readFileSync(new URL(`../resources/static/console/${name}`, SOURCE), "utf8");
const { Samples, SPAN } = await import(asModule(read("samples.js").replace("./histogram.js", asModule(read("histogram.js")))));

const figures = (timestamp, node = "a") => ({ node, timestamp, messagesIn: timestamp, messagesOut: 0, bytesIn: 0, bytesOut: 0, cpuSeconds: timestamp });

test("what is new is so since the page was opened, and for five minutes at most", () => {
  const samples = new Samples();
  assert.equal(samples.first, null);
  for (let at = 0; at <= 2 * SPAN; at += 1000) {
    samples.add(figures(at));
    assert.equal(samples.first.timestamp, Math.max(0, at - SPAN));
  }
  assert.equal(SPAN, 300_000);
});

test("other nodes, or one that was started anew, begin a new count", () => {
  const samples = new Samples();
  samples.add(figures(1000));
  samples.add(figures(2000, "a b"));
  assert.equal(samples.first.timestamp, 2000);
  samples.add({ ...figures(3000, "a b"), messagesIn: 0 });
  assert.equal(samples.first.timestamp, 3000);
});

test("the page says since when", () => {
  assert.match(read("figures.js"), /what came since \$\{time\(first\.timestamp\)\} is new/);
});
