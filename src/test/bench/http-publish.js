// What a publish by HTTP costs a node beside one by WebSocket, in one run: processor time of all its threads but those of the JVM
// itself (compilers, collectors), per publish that was answered, one at a time on each of 16 connections that are kept. The two take
// turns, and the ratio is that of the medians.
//   node src/test/bench/http-publish.js <jar> [<port of a Redis>] [rounds, 5]
'use strict';
const { spawn } = require('node:child_process');
const { createHmac } = require('node:crypto');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const { createRequire } = require('node:module');
const path = require('node:path');

const WebSocket = createRequire(path.join(__dirname, '../javascript/package.json'))('ws');

const [jar, redis = '', rounds = '5'] = process.argv.slice(2);
const SECRET = 'http-publishes-are-measured-with-40-bytes';
const PORT = 9382;
const CONNECTIONS = 16;
const WARM_UP = 100_000;
const PUBLISHES = 20_000;
const DATA = JSON.stringify({ text: 'x'.repeat(100), n: 1 });
const OF_THE_JVM = /^(C1|C2|GC|G1|VM|Sweeper|Monitor|Common-Cleaner|Signal)/;

function token() {
  const claims = { sub: 'bench', scope: 'publish', publish: ['*'], exp: Math.floor(Date.now() / 1000) + 3600 };
  const text = [{ alg: 'HS256' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${createHmac("sha256", SECRET).update(text).digest("base64url")}`;
}

/** Microseconds that the threads of a process have run. */
function cpu(pid) {
  const tasks = `/proc/${pid}/task`;
  return fs
    .readdirSync(tasks)
    .filter((id) => !OF_THE_JVM.test(fs.readFileSync(`${tasks}/${id}/comm`, "utf8")))
    .reduce((sum, id) => sum + Number(fs.readFileSync(`${tasks}/${id}/schedstat`, "utf8").split(" ")[0]) / 1000, 0);
}

async function start() {
  const properties = {
    'server.port': PORT,
    'starling.security.jwt.secret': SECRET,
    'starling.limits.message-rate': 0,
    'starling.api.request-rate': 0,
    ...(redis && { 'starling.broker.type': 'redis', 'spring.data.redis.port': redis }),
  };
  const flags = Object.entries(properties).map(([name, value]) => `--${name}=${value}`);
  const server = spawn('java', ['-Xmx512m', '-jar', jar, ...flags], { stdio: 'ignore' });
  while (!(await fetch(`http://localhost:${PORT}/readyz`).then((answer) => answer.ok, () => false))) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return server;
}

const bearer = token();

/** Has each of the connections publish one after the other until all is published. */
async function publish(count, connections) {
  let left = count;
  await Promise.all(
    connections.map(async (one) => {
      while (left-- > 0) {
        await one();
      }
    }),
  );
}

async function webSocket() {
  const socket = new WebSocket(`ws://localhost:${PORT}/ws`, { headers: { authorization: `Bearer ${bearer}` } });
  await once(socket, 'message');
  const frame = `{"type":"publish","id":1,"channel":"bench:ws","data":${DATA}}`;
  return () =>
    new Promise((resolve, reject) => {
      socket.once("message", (text) => (String(text).includes('"published"') ? resolve() : reject(new Error(String(text)))));
      socket.send(frame);
    });
}

function httpConnection() {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json", "content-length": DATA.length };
  const options = { agent, port: PORT, method: 'POST', path: '/api/channels/bench:http/messages', headers };
  return () =>
    new Promise((resolve, reject) => {
      const request = http.request(options, (answer) => {
        answer.resume().on("end", () => (answer.statusCode === 200 ? resolve() : reject(new Error(`status ${answer.statusCode}`))));
      });
      request.on('error', reject).end(DATA);
    });
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function main() {
  const server = await start();
  try {
    const ways = {
      WebSocket: await Promise.all(Array.from({ length: CONNECTIONS }, webSocket)),
      HTTP: Array.from({ length: CONNECTIONS }, httpConnection),
    };
    const cost = { WebSocket: [], HTTP: [] };
    for (const connections of Object.values(ways)) {
      await publish(WARM_UP, connections);
    }
    for (let round = 0; round < Number(rounds); round++) {
      for (const [way, connections] of Object.entries(ways)) {
        const before = cpu(server.pid);
        await publish(PUBLISHES, connections);
        cost[way].push((cpu(server.pid) - before) / PUBLISHES);
      }
    }
    for (const [way, all] of Object.entries(cost)) {
      console.log(`${way}: ${median(all).toFixed(1)} us (${all[0].toFixed(1)} to ${all.at(-1).toFixed(1)})`);
    }
    console.log(`ratio ${(median(cost.HTTP) / median(cost.WebSocket)).toFixed(2)}`);
  } finally {
    server.kill();
  }
}

main().then(() => process.exit(), (failure) => {
  console.error(failure);
  process.exit(1);
});
