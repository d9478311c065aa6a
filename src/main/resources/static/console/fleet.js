const SUMS = [
  "connections",
  "subscriptions",
  "channels",
  "messagesIn",
  "messagesOut",
  "bytesIn",
  "bytesOut",
  "slowConsumers",
  "pendingBytes",
  "heapUsedBytes",
  "heapMaxBytes",
  "cpuSeconds",
  "processors",
];

/**
 * The figures of all nodes together (`GET /api/nodes/figures`), in the form of those of one. Channels count once for each node that has
 * a subscriber.
 *
 * @param nodes the figures of each, at least one
 */
export function together(nodes) {
  const total = {
    node: nodes.map(({ node }) => node).join(" "),
    timestamp: Math.max(...nodes.map(({ timestamp }) => timestamp)),
    fanout: histograms(nodes.map(({ fanout }) => fanout)),
    brokerRoundTrip: histograms(nodes.map(({ brokerRoundTrip }) => brokerRoundTrip)),
    closes: counts(nodes.map(({ closes }) => closes)),
    refusals: counts(nodes.map(({ refusals }) => refusals)),
  };
  for (const name of SUMS) {
    total[name] = sum(nodes.map((figures) => figures[name]));
  }
  return total;
}

function sum(numbers) {
  return numbers.reduce((all, number) => all + number, 0);
}

function counts(all) {
  const total = {};
  for (const [name, number] of all.flatMap(Object.entries)) {
    total[name] = (total[name] ?? 0) + number;
  }
  return total;
}

/** Null if there are none; nodes of two versions may have other bounds, then those of the first are what is shown. */
function histograms(all) {
  const there = all.filter(Boolean);
  if (there.length === 0) {
    return null;
  }
  return {
    count: sum(there.map(({ count }) => count)),
    buckets: there[0].buckets.map(({ seconds }) => ({
      seconds,
      count: sum(there.map(({ buckets }) => buckets.find((bucket) => bucket.seconds === seconds)?.count ?? 0)),
    })),
  };
}
