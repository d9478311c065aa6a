// Holds very many connections on one machine and has every one of them get every message: nodes that share a Redis, and a
// load tool for each, because a process may have 20,000 open files.
//   ./mvnw -DskipTests package && node src/test/bench/hundred-thousand.js [--nodes 6] [--connections 105000]
//       [--messages 20] [--rate 0.5] [--heap 640m] [--json]
// Redis is $REDIS_SERVER, redis-server on the PATH, or what ./mvnw verify has unpacked or downloaded. The rate is messages per
// second. Ends with 1 if a message was lost, doubled or out of order, a connection failed, or a load tool complained.
'use strict';

const { execFileSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { liveHeap, rssBytes } = require('./jvm.js');
const { SCRATCH, start, startStarling, toolJar } = require('./servers.js');

const ROOT = path.resolve(__dirname, '..', '..', '..');
const CORES = `0-${os.cpus().length - 1}`;
const MB = 1024 * 1024;

const { values: flags } = parseArgs({
  options: {
    nodes: { type: 'string', default: '6' },
    connections: { type: 'string', default: '105000' },
    messages: { type: 'string', default: '20' },
    rate: { type: 'string', default: '0.5' },
    heap: { type: 'string', default: '640m' },
    json: { type: 'boolean', default: false },
  },
});

const nodes = Number(flags.nodes);
const perNode = Math.floor(Number(flags.connections) / nodes);
const connections = perNode * nodes;
const messages = Number(flags.messages);
const secret = crypto.randomBytes(24).toString('hex');

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Where a redis-server is. */
function redisProgram() {
  const found = [
    process.env.REDIS_SERVER,
    ...process.env.PATH.split(path.delimiter).map((directory) => path.join(directory, 'redis-server')),
  ].find((file) => file && fs.existsSync(file));
  return found ?? unpackRedis();
}

/** The program that the tests use, out of their library. */
function unpackRedis() {
  const library = path.join(os.homedir(), '.m2/repository/org/signal/embedded-redis/0.9.1/embedded-redis-0.9.1.jar');
  if (!fs.existsSync(library)) {
    throw new Error('there is no redis-server: set REDIS_SERVER, or run ./mvnw test-compile');
  }
  const name = `redis-server-7.0.15-${os.platform()}-${os.arch() === 'arm64' ? 'arm64' : 'amd64'}`;
  execFileSync('jar', ['xf', library, name], { cwd: SCRATCH });
  const program = path.join(SCRATCH, name);
  fs.chmodSync(program, 0o755);
  return program;
}

async function startRedis() {
  const port = await freePort();
  const options = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', SCRATCH];
  await start(CORES, redisProgram(), options.map(String), /Ready to accept connections/);
  return port;
}

function startNode(redisPort) {
  return startStarling({
    core: CORES,
    jvm: ['-XX:+UseParallelGC', '-Xms64m', `-Xmx${flags.heap}`],
    properties: {
      'starling.security.jwt.secret': secret,
      'starling.broker.type': 'redis',
      'spring.data.redis.host': '127.0.0.1',
      'spring.data.redis.port': redisPort,
    },
  });
}

/** One load tool; resolves when it says that it is ready, with a promise of its result. */
async function tool(wanted, ...options) {
  const args = ['-XX:+UseSerialGC', '-Xmx512m', '-jar', toolJar(), 'fanout', '--json', '--secret', secret];
  const started = await start(CORES, 'java', [...args, ...options.map(String)], wanted);
  const result = new Promise((resolve, reject) => {
    started.child.on('close', (code) => {
      const line = started.lines.filter((text) => text.startsWith('{')).at(-1);
      return line ? resolve(JSON.parse(line)) : reject(new Error(`a load tool ended with ${code}: ${started.lines}`));
    });
  });
  return { result };
}

/** How long it takes to publish all. */
const publishSeconds = Math.ceil(messages / Number(flags.rate)) + 10;

/** All connections of one node, from a source address of their own. */
function listen(server, index) {
  const seconds = publishSeconds + 300;
  return tool(/ready:/, '--url', server.url, '--source', `127.0.0.${10 + index}`, '--connections', perNode, '--rate', 0,
    '--channels', 1, '--publishers', 0, '--messages', messages, '--warm-up', '0s', '--duration', `${seconds}s`);
}

function publish(server) {
  return tool(/^\{|ready:/, '--url', server.url, '--connections', 0, '--channels', 1, '--publishers', 1, '--publish-rate',
    flags.rate, '--messages', messages, '--warm-up', '0s', '--duration', `${publishSeconds}s`);
}

/** What a node has of the machine's memory, and what of it is alive. */
function memory(server) {
  return {
    rssMegabytes: Math.round(rssBytes(server.pid) / MB),
    liveHeapMegabytes: Math.round(liveHeap(server.pid).bytes / MB),
  };
}

function summary(results, memories, connectSeconds) {
  const sum = (figure) => results.reduce((total, result) => total + figure(result), 0);
  const worst = (figure) => Math.max(...results.map(figure));
  const delivered = sum((result) => result.deliveredInAll);
  return {
    nodes,
    connections,
    established: sum((result) => result.connections.ready),
    dropped: sum((result) => result.connections.dropped),
    connectSeconds,
    messages,
    delivered,
    deliveredPerSecond: Math.round(sum((result) => result.deliveredPerSecond)),
    lost: connections * messages - delivered,
    duplicates: sum((result) => result.duplicates),
    outOfOrder: sum((result) => result.outOfOrder),
    latencyMillis: { worstP50: worst((result) => result.latency.p50), worstP99: worst((result) => result.latency.p99) },
    memory: memories,
  };
}

async function main() {
  const redisPort = await startRedis();
  const servers = [];
  for (let i = 0; i < nodes; i++) {
    servers.push(await startNode(redisPort));
  }
  const began = Date.now();
  const listeners = [];
  for (const [index, server] of servers.entries()) {
    listeners.push(await listen(server, index));
    console.error(`${perNode * (index + 1)} connections after ${(Date.now() - began) / 1000} s`);
  }
  const connectSeconds = (Date.now() - began) / 1000;
  const held = servers.map(memory);
  const publisher = await publish(servers[0]);
  const all = await Promise.all([publisher.result, ...listeners.map((listener) => listener.result)]);
  const complaints = all.flatMap((result) => result.complaints);
  const report = { ...summary(all.slice(1), held, connectSeconds), complaints };
  console.log(flags.json ? JSON.stringify(report) : JSON.stringify(report, null, 2));
  const whole = complaints.length === 0 && report.established === connections && report.dropped === 0;
  process.exit(whole && report.lost + report.duplicates + report.outOfOrder === 0 ? 0 : 1);
}

main().catch((error) => {
  console.error(error.message);
  process.exit(2);
});
