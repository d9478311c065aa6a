// The figures that are compared. A group starts its servers once and measures its rows in each round, the servers in turn.
'use strict';

const { JVM_OPTIONS, load, startPeer, startStarling } = require('./servers.js');

const SOURCES = ['--source', '127.0.0.2-127.0.0.9'];
const KB = 1024;

const perDelivery = (result) => result.server.cpuMicrosPerDelivery;
const perPublish = (result) => result.server.cpuMicrosPerPublish;
const perPing = (result) => result.server.cpuMicrosPerPing;
const perConnect = (result) => result.server.cpuMicrosPerConnect;
const heapPerConnection = (result) => result.server.liveHeapBytesPerConnection / KB;
const rssPerConnection = (result) => result.server.rssBytesPerConnection / KB;
const p99 = (result) => result.latency.p99;

/** Runs `body` with servers that are stopped after it. */
async function withServers(starts, body) {
  const servers = [];
  try {
    for (const start of starts) {
      servers.push(await start());
    }
    return await body(...servers);
  } finally {
    for (const server of servers) {
      await server.stop();
    }
  }
}

/** Until the JIT has seen what is measured, both servers do it for a while. */
async function warmUp(servers, seconds) {
  for (const server of servers) {
    await load('fanout', server, '--connections', 500, '--rate', 0, '--in-flight', 8, '--duration', `${seconds}s`);
    await load('publish', server, '--connections', 100, '--rate', 0, '--in-flight', 50, '--duration', `${seconds / 2}s`);
    await load('ping', server, '--connections', 100, '--rate', 0, '--in-flight', 50, '--duration', `${seconds / 2}s`);
  }
}

/** One row of both servers, in turn, as often as there are rounds. */
async function against(report, row, servers, rounds, scenario, options, figure) {
  const [ours, theirs] = servers;
  for (let round = 0; round < rounds; round++) {
    const pair = [];
    for (const server of round % 2 ? [theirs, ours] : [ours, theirs]) {
      pair[server === ours ? 0 : 1] = figure(await load(scenario, server, ...options));
    }
    report.ratio(row, ...pair);
  }
}

/** Readers of one channel, connected as fast as they can be. */
const readers = (connections) => ['--connections', connections, '--rate', 0, '--warm-up', '2s'];

const groups = {
  /** Fan-out: many subscribers, one at a time, several at once, over many channels. */
  async fanout(report, { peer, seconds, rounds, warm }) {
    await withServers([startStarling, () => startPeer(...peer)], async (...servers) => {
      await warmUp(servers, warm);
      const time = ['--duration', `${seconds}s`];
      const one = [...readers(1000), '--publish-rate', 40, ...time];
      await against(report, 'one', servers, rounds, 'fanout', one, perDelivery);
      const eight = [...readers(1000), '--in-flight', 8, ...time];
      await against(report, 'eight', servers, rounds, 'fanout', eight, perDelivery);
      const many = [...readers(10_000), '--channels', 1000, '--publish-rate', 2000, ...time, ...SOURCES];
      await against(report, 'channels', servers, rounds, 'fanout', many, perDelivery);
    });
  },

  async uring(report, { peer, seconds, rounds, warm }) {
    const starling = () => startStarling({ properties: { 'starling.transport.io-uring': true } });
    await withServers([starling, () => startPeer(...peer)], async (...servers) => {
      if (servers[0].lines.some((line) => /transport\.fallback|io_uring.*(not|un)available/i.test(line))) {
        report.skip('uring', 'this kernel or container does not allow io_uring');
        return;
      }
      await warmUp(servers, warm);
      const one = [...readers(1000), '--publish-rate', 40, '--duration', `${seconds}s`];
      await against(report, 'uring', servers, rounds, 'fanout', one, perDelivery);
    });
  },

  async inbound(report, { peer, seconds, rounds, warm }) {
    await withServers([startStarling, () => startPeer(...peer)], async (...servers) => {
      await warmUp(servers, warm);
      const time = ['--rate', 0, '--warm-up', '2s', '--duration', `${seconds}s`];
      const ping = ['--connections', 1000, '--ping-rate', 10_000, ...time];
      await against(report, 'ping', servers, rounds, 'ping', ping, perPing);
      const publish = ['--connections', 100, '--publish-rate', 10_000, ...time];
      await against(report, 'publish', servers, rounds, 'publish', publish, perPublish);
    });
  },

  /** Both at the same rate, half of what the slower of them can do; and Starling at half of what it can do itself. */
  async latency(report, { peer, seconds, rounds, warm }) {
    await withServers([startStarling, () => startPeer(...peer)], async (...servers) => {
      await warmUp(servers, warm);
      const most = [];
      const tool = [];
      for (const server of servers) {
        const result = await load('fanout', server, ...readers(1000), '--in-flight', 8, '--duration', `${seconds}s`);
        most.push(result.publishedPerSecond);
        tool.push(result.toolProcessors);
      }
      report.note(
        `saturation, messages/s to 1,000 subscribers: Starling ${most[0]}, peer ${most[1]}; the tool used ${tool[0]} and ` +
          `${tool[1]} processors of the one that it has: near 1, it is the tool's saturation, not the server's`,
      );
      const rate = Math.min(...most) / 2;
      const half = [...readers(1000), '--publish-rate', rate.toFixed(1), '--duration', `${seconds}s`];
      await against(report, 'latency', servers, rounds, 'fanout', half, p99);
      const own = ['--publish-rate', (most[0] / 2).toFixed(1), '--duration', `${seconds}s`];
      const alone = await load('fanout', servers[0], ...readers(1000), ...own);
      report.note(`p99 of Starling at half of its own saturation: ${p99(alone)} ms`);
    });
  },

  async connect(report, { peer, rounds, connects }) {
    const rsa = () => startStarling({ rsa: true });
    const churn = (warm) => ['--churn', connects, '--warm-up', warm, '--at-once', 20, ...SOURCES];
    for (const [row, start] of Object.entries({ hs256: startStarling, rs256: rsa })) {
      await withServers([start, () => startPeer(...peer)], async (...servers) => {
        for (const server of servers) {
          await load('ramp', server, ...churn(20_000));
        }
        await against(report, row, servers, rounds, 'ramp', churn(0), perConnect);
      });
    }
  },

  async memory(report, { java25, connections }) {
    const hold = ['--connections', connections, '--rate', 2000, '--subscriptions', 2, '--duration', '5s', ...SOURCES];
    const small = ['--connections', 200, '--subscriptions', 2, '--duration', '1s'];
    await withServers([startStarling], async (server) => {
      await load('ramp', server, ...small);
      report.figure('rss', rssPerConnection(await load('ramp', server, ...hold)));
      report.figure('heap17', heapPerConnection(await load('ramp', server, ...hold, '--live-heap')));
    });
    if (!java25) {
      report.skip('heap25', 'no --java25 given');
      return;
    }
    const start = () => startStarling({ java: `${java25}/bin/java`, jvm: [...JVM_OPTIONS, '-XX:+UseCompactObjectHeaders'] });
    await withServers([start], async (server) => {
      await load('ramp', server, ...small);
      report.figure('heap25', heapPerConnection(await load('ramp', server, ...hold, '--live-heap')));
    });
  },

  /** A hundred channels per connection, one subscriber each, against one channel per connection. */
  async channels(report) {
    const hold = (each) => {
      const subscriptions = ['--subscriptions', each, '--channels', each * 1000];
      return ['--connections', 1000, '--rate', 500, '--duration', '2s', '--live-heap', ...subscriptions];
    };
    await withServers([startStarling], async (server) => {
      const used = ({ server: memory }) => memory.liveHeapBytesAfter - memory.liveHeapBytesBefore;
      await load('ramp', server, ...hold(100));
      const one = used(await load('ramp', server, ...hold(1)));
      const hundred = used(await load('ramp', server, ...hold(100)));
      report.figure('perChannel', (hundred - one) / 99_000 / KB);
    });
  },

  /** Does a delivery become dearer with more subscribers, or with more channels? */
  async growth(report, { seconds, rounds, warm }) {
    await withServers([startStarling], async (server) => {
      await warmUp([server], warm);
      const time = ['--warm-up', '2s', '--duration', `${seconds}s`, '--rate', 0, ...SOURCES];
      const subscribers = (n, rate) => ['--connections', n, '--publish-rate', rate, ...time];
      const dispatch = (n, each) => {
        const channels = ['--subscriptions', each, '--channels', n * each];
        return ['--connections', n, ...channels, '--publishers', 10, '--publish-rate', 10_000, ...time];
      };
      for (let round = 0; round < rounds; round++) {
        const few = perDelivery(await load('fanout', server, ...subscribers(1000, 36)));
        report.ratio('subscribers', perDelivery(await load('fanout', server, ...subscribers(18_000, 2))), few);
        const hundred = perDelivery(await load('fanout', server, ...dispatch(100, 1)));
        report.ratio('dispatch', perDelivery(await load('fanout', server, ...dispatch(1000, 100))), hundred);
      }
    });
  },
};

/** What each row is, and what it must reach: a ratio of the peer's figure, or a figure of its own. */
const rows = {
  heap17: ['live heap per idle authenticated connection, 2 subscriptions, Java 17', 4.5, 'KB'],
  heap25: ['the same on Java 25 with compact object headers', 4, 'KB'],
  rss: ['RSS per connection above the idle server', 8, 'KB'],
  one: ['CPU per delivery, 1,000 subscribers, one message at a time', 0.62, '×', 'µs'],
  eight: ['CPU per delivery, 8 messages in flight', 0.12, '×', 'µs'],
  uring: ['CPU per delivery on io_uring, one message at a time', 0.42, '×', 'µs'],
  channels: ['CPU per delivery, 10,000 connections on 1,000 channels', 0.8, '×', 'µs'],
  ping: ['CPU per ping and pong', 0.5, '×', 'µs'],
  publish: ['CPU per publish that nobody reads', 0.75, '×', 'µs'],
  hs256: ["CPU per connect, HS256, warm, against the peer's without a token", 2.6, '×', 'µs'],
  rs256: ['CPU per connect, RS256, warm', 4.5, '×', 'µs'],
  latency: ["p99 latency at half of the slower one's saturation", 1, '×', 'ms'],
  perChannel: ['live heap per channel with one subscriber (100,000)', 1, 'KB'],
  subscribers: ['CPU per delivery at 18,000 subscribers, against 1,000', 1.2, '× own', 'µs'],
  dispatch: ['CPU per delivery on 100,000 channels, against 100', 1.2, '× own', 'µs'],
};

module.exports = { groups, rows };
