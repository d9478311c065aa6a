// The figures of several nodes as the console adds them up.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SOURCE } from "./under-test.mjs";

// By its text: nothing beside the file says to Node that it is a module, as the page does to browsers.
const text = readFileSync(new URL("../resources/static/console/fleet.js", SOURCE), "utf8");
const { together } = await import(`data:text/javascript,${encodeURIComponent(text)}`);

function figures(node, more = {}) {
  return {
    node,
    timestamp: 1000,
    connections: 1,
    subscriptions: 2,
    channels: 3,
    messagesIn: 4,
    messagesOut: 5,
    bytesIn: 6,
    bytesOut: 7,
    fanout: { buckets: [{ seconds: 0.1, count: 1 }, { seconds: 1, count: 2 }], count: 3 },
    brokerRoundTrip: null,
    closes: { 1000: 1 },
    slowConsumers: 8,
    refusals: {},
    pendingBytes: 9,
    heapUsedBytes: 10,
    heapMaxBytes: 11,
    cpuSeconds: 12,
    processors: 2,
    ...more,
  };
}

test("one node is as it is", () => {
  const one = figures("a");
  assert.deepEqual(together([one]), one);
});

test("numbers add up, counts by their names, histograms by their bounds", () => {
  const roundTrip = { buckets: [{ seconds: 0.01, count: 5 }], count: 5 };
  const sum = together([
    figures("a", { timestamp: 2000, brokerRoundTrip: roundTrip, refusals: { node_full: 1 } }),
    figures("b", { closes: { 1000: 2, 4001: 3 }, fanout: { buckets: [{ seconds: 1, count: 4 }, { seconds: 2, count: 9 }], count: 9 } }),
  ]);
  assert.equal(sum.node, "a b");
  assert.equal(sum.timestamp, 2000);
  assert.equal(sum.connections, 2);
  assert.equal(sum.cpuSeconds, 24);
  assert.equal(sum.processors, 4);
  assert.deepEqual(sum.closes, { 1000: 3, 4001: 3 });
  assert.deepEqual(sum.refusals, { node_full: 1 });
  assert.deepEqual(sum.brokerRoundTrip, roundTrip);
  assert.deepEqual(sum.fanout, { buckets: [{ seconds: 0.1, count: 1 }, { seconds: 1, count: 6 }], count: 12 });
});
