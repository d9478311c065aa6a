// Compares the collectors of the JVM that runs Starling: pauses, processor time, latency and memory, and prints a table.
//   ./mvnw -DskipTests package && node src/test/bench/collectors.js [--quick] [--only parallel,g1,…]
//       [--java25 <home> [--plain]] [--json <file>]
// On Java 25 all have compact object headers, unless it is to be plain. In the first phase, hold, connections come and stay;
// in the second, fan-out, messages go to a thousand more of them, and others come and go. Needs what compare.js needs. Ends
// with 1 if a collector failed, or, of all connections, the one of the image missed a target of compare.js.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { parseArgs } = require('node:util');
const gcLog = require('./gc-log.js');
const { collectorSeconds, liveHeap, rssBytes } = require('./jvm.js');
const { rows: targets } = require('./rows.js');
const { JVM_OPTIONS, SCRATCH, background, load, startStarling } = require('./servers.js');

const KB = 1024;
const READERS = 1000;
const SESSION = 'dev.starling.websocket.Session';
const SOURCES = ['--source', '127.0.0.2-127.0.0.9'];
const GONE_MS = 60_000;

const HEAP = JVM_OPTIONS.filter((option) => /^-Xm[sx]/.test(option));
const COMPACT = '-XX:+UseCompactObjectHeaders';

/** What is compared; `young` is Parallel with a small young generation, `fixed` with all of the heap from the start. */
const collectors = {
  parallel: ['-XX:+UseParallelGC'],
  young: ['-XX:+UseParallelGC', '-Xmn48m'],
  fixed: ['-XX:+UseParallelGC', '-Xms256m'],
  serial: ['-XX:+UseSerialGC'],
  g1: ['-XX:+UseG1GC'],
  zgc: ['-XX:+UseZGC'],
};

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    java25: { type: 'string' },
    plain: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});

/** At these rates a server that has just started is busy for two thirds of its processor, the tool for less. */
const plan = {
  connections: flags.quick ? 3000 : 18_000,
  holdSeconds: flags.quick ? 2 : 10,
  warmSeconds: flags.quick ? 3 : 6,
  fanoutSeconds: flags.quick ? 8 : 20,
  publishRate: 40,
  churnRate: 100,
};

/** The runs by name, with their options. ZGC has no generations on Java 17. */
function runs() {
  const headers = flags.java25 && !flags.plain ? [COMPACT] : [];
  const all = Object.keys(collectors).filter((name) => flags.java25 || name !== 'zgc');
  const names = flags.only?.split(',') ?? all.filter((name) => !flags.quick || !['young', 'fixed'].includes(name));
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) {
    throw new Error(`no collector ${unknown}: there are ${all.join(', ')}`);
  }
  return names.map((name) => [name, [...collectors[name], ...headers]]);
}

/** Runs `body`, and says when that was and what the collector's threads took meanwhile. */
async function phase(server, body) {
  const from = Date.now();
  const before = collectorSeconds(server.pid);
  await body();
  return { from, to: Date.now(), cpuSeconds: collectorSeconds(server.pid) - before };
}

/** Connections that stay until they are stopped. They come faster than a cold server takes them, and may wait. */
async function held(server) {
  const pace = ['--connections', plan.connections, '--rate', 2000, '--timeout', '60s'];
  const holder = await background('ramp', server, ...pace, '--subscriptions', 2, '--duration', '1h', ...SOURCES);
  if (holder.ready !== plan.connections) {
    throw new Error(`only ${holder.ready} of ${plan.connections} connections`);
  }
  return holder;
}

/** Clients that come and go, each on a channel of its own. */
function churn(server) {
  const clients = ['--connections', 200, '--channels', 200, '--prefix', 'churn:', '--publish-rate', 1, '--rate', 0];
  return background('soak', server, ...clients, '--churn-rate', plan.churnRate, '--duration', '1h');
}

async function fanout(server) {
  const readers = ['--connections', READERS, '--rate', 0, '--publish-rate', plan.publishRate];
  const time = ['--warm-up', `${plan.warmSeconds}s`, '--duration', `${plan.fanoutSeconds}s`];
  const coming = await churn(server);
  const publishing = await background('fanout', server, ...readers, ...time);
  await sleep(plan.warmSeconds * 1000);
  const busy = await phase(server, () => sleep(plan.fanoutSeconds * 1000));
  const result = await publishing.result();
  await coming.stop();
  return { busy, result };
}

/** The live heap of a connection: what goes with all of them. */
async function heapPerConnection(server, jcmd, holder) {
  const full = liveHeap(server.pid, jcmd, SESSION);
  await holder.stop();
  const deadline = Date.now() + GONE_MS;
  let empty = full;
  while (empty.count > 0) {
    if (Date.now() > deadline) {
      throw new Error(`${empty.count} sessions do not go`);
    }
    await sleep(500);
    empty = liveHeap(server.pid, jcmd, SESSION);
  }
  return (full.bytes - empty.bytes) / full.count;
}

async function measure(name, options) {
  const bin = flags.java25 ? path.join(flags.java25, 'bin/') : '';
  const file = path.join(SCRATCH, `${name}.log`);
  const jvm = [...HEAP, ...options, ...gcLog.logOptions(file)];
  const server = await startStarling({ java: `${bin}java`, jvm });
  try {
    await load('ramp', server, '--connections', 200, '--subscriptions', 2, '--duration', '1s');
    const idle = rssBytes(server.pid);
    let holder;
    const hold = await phase(server, async () => {
      holder = await held(server);
      await sleep(plan.holdSeconds * 1000);
    });
    const whole = rssBytes(server.pid);
    const { busy, result } = await fanout(server);
    const heap = await heapPerConnection(server, `${bin}jcmd`, holder);
    const log = gcLog.parse(fs.readFileSync(file, 'utf8'));
    return {
      unread: log.unread,
      hold: { ...gcLog.summary(log, hold.from, hold.to), cpuSeconds: hold.cpuSeconds },
      fanout: { ...gcLog.summary(log, busy.from, busy.to), cpuSeconds: busy.cpuSeconds },
      collectorShare: busy.cpuSeconds / ((busy.to - busy.from) / 1000),
      busyShare: result.server.cpuMicros / 1e6 / result.seconds,
      latency: result.latency,
      idleRssMegabytes: idle / KB / KB,
      rssMegabytes: whole / KB / KB,
      rssKilobytes: (whole - idle) / plan.connections / KB,
      heapKilobytes: heap / KB,
    };
  } finally {
    await server.stop();
  }
}

/** Whether these are the options of the image, which has compact headers where Java has them. */
const isImage = (options) =>
  [...options, ...HEAP].filter((option) => option !== COMPACT).sort().join() === [...JVM_OPTIONS].sort().join() &&
  options.includes(COMPACT) === Boolean(flags.java25);

function misses({ rssKilobytes, heapKilobytes }) {
  const heap = flags.java25 ? targets.heap25 : targets.heap17;
  return rssKilobytes > targets.rss[1] || heapKilobytes > heap[1];
}

const short = (value) => Number(value.toPrecision(3)).toString();
const percent = (share) => `${short(100 * share)} %`;

function pauses({ pauses: count, full, p99, max, stalls, longestStall }) {
  const whole = full.length ? `, ${full.length} full (${[...new Set(full)].join(', ')})` : '';
  const stalled = stalls ? `, ${stalls} stalls to ${short(longestStall)}` : '';
  return `${count}: ${short(p99)}, ${short(max)}${whole}${stalled}`;
}

function line({ options, image, failed, ...run }) {
  const name = `${options.map((option) => `\`${option}\``).join(' ')}${image ? ' (image)' : ''}`;
  if (failed) {
    return `| ${name} | failed: ${failed} |`;
  }
  const { hold, latency } = run;
  return `| ${[
    name,
    pauses(hold),
    pauses(run.fanout),
    `${short(hold.cpuSeconds)} s, ${percent(run.collectorShare)}`,
    percent(run.busyShare),
    `${short(latency.p50)}, ${short(latency.p99)}, ${short(latency.max)}`,
    `${short(run.idleRssMegabytes)}, ${short(run.rssMegabytes)}`,
    short(run.rssKilobytes),
    short(run.heapKilobytes),
  ].join(' | ')} |`;
}

const HEADER = [
  'collector',
  'pauses in hold: p99, max ms',
  'in fan-out',
  'its processor time: hold, fan-out',
  'processor in fan-out',
  'latency p50, p99, max ms',
  'RSS idle, with all, MB',
  'RSS per connection, KB',
  'live heap per connection, KB',
];

async function main() {
  const outcomes = [];
  for (const [name, options] of runs()) {
    const image = isImage(options);
    const run = await measure(name, options).catch((error) => ({ failed: error.message.split('\n')[0] }));
    outcomes.push({ name, options, image, ...run });
    console.error(line(outcomes.at(-1)));
  }
  console.log(`| ${HEADER.join(' | ')} |\n|${' --- |'.repeat(HEADER.length)}`);
  outcomes.forEach((outcome) => console.log(line(outcome)));
  const unread = outcomes.filter((outcome) => outcome.unread > 0);
  unread.forEach((outcome) => console.log(`\n${outcome.name}: ${outcome.unread} lines of its log are not understood`));
  if (flags.json) {
    fs.writeFileSync(flags.json, JSON.stringify({ plan, heap: HEAP, outcomes }, null, 2));
  }
  process.exit(outcomes.some((outcome) => outcome.failed || (outcome.image && !flags.quick && misses(outcome))) ? 1 : 0);
}

main().catch((error) => {
  console.error(error.message);
  process.exit(2);
});
