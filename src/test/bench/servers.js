// The servers that are compared, and the load tool: each a process of its own, the servers on the first processor, the tool
// on the second.
'use strict';

const { execFileSync, spawn } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');

const ROOT = path.resolve(__dirname, '..', '..', '..');
const SCRATCH = fs.mkdtempSync(path.join(os.tmpdir(), 'starling-bench-'));
const SERVER_CORE = '0';
const TOOL_CORE = '1';
const READY_MS = 120_000;

/** How the JVM of the image is run; its heap for the connections that one process can have here. */
const JVM_OPTIONS = ['-XX:+UseParallelGC', '-Xms64m', '-Xmx256m'];

/** The product as it is, but for the limits that a single address of many clients would run into. */
const PROPERTIES = {
  'server.port': 0,
  'starling.limits.max-connections-per-ip': 0,
  'starling.limits.max-connections-per-user': 0,
  'starling.limits.connect-rate': 0,
  'starling.limits.max-connect-wait': '0s',
  'starling.limits.message-rate': 0,
};

const running = new Set();

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => process.exit(2));
}
process.on('exit', () => {
  running.forEach((child) => child.kill('SIGKILL'));
  fs.rmSync(SCRATCH, { recursive: true, force: true });
});

/** The server's jar, which `./mvnw package` has made. */
const jar = () => built(/^starling-\d.*\.jar$/);

/** The load tool's. */
const toolJar = () => built(/^starling-loadtest-.*\.jar$/);

function built(pattern) {
  const target = path.join(ROOT, 'target');
  const name = fs.readdirSync(target).find((file) => pattern.test(file));
  if (!name) {
    throw new Error(`there is no ${pattern} in target: run ./mvnw -DskipTests package first`);
  }
  return path.join(target, name);
}

/** Starts a program on a processor, and resolves with its process and the first line of it that matches. */
function start(core, command, args, wanted) {
  const child = spawn('taskset', ['-c', core, command, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.on('exit', () => running.delete(child));
  const lines = [];
  return new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`${command}: ${why}\n${lines.slice(-20).join('\n')}`));
    const timer = setTimeout(() => fail('not ready in time'), READY_MS);
    child.on('exit', (code) => fail(`ended with ${code}`));
    for (const stream of [child.stdout, child.stderr]) {
      readline.createInterface({ input: stream }).on('line', (line) => {
        if (lines.length < 1000) {
          lines.push(line);
        }
        const match = wanted.exec(line);
        if (match) {
          clearTimeout(timer);
          resolve({ child, match, lines });
        }
      });
    }
  });
}

/** A running server. */
class Server {
  constructor(name, { child, lines }, port, access) {
    this.name = name;
    this.child = child;
    this.lines = lines;
    this.pid = child.pid;
    this.url = `ws://127.0.0.1:${port}/ws`;
    this.access = access;
  }

  /** Options with which the tool finds, enters and watches it. */
  options() {
    return ['--url', this.url, '--pid', this.pid, ...this.access];
  }

  stop() {
    return new Promise((resolve) => {
      this.child.on('exit', resolve);
      this.child.kill('SIGKILL');
    });
  }
}

/**
 * The product from its jar: security, metrics and heartbeat on, broker in memory.
 *
 * @param {{java?: string, jvm?: string[], rsa?: boolean, core?: string, properties?: Record<string, unknown>}} how
 */
async function startStarling({ java = 'java', jvm = JVM_OPTIONS, rsa = false, core = SERVER_CORE, properties = {} } = {}) {
  const keys = rsa ? rsaKeys() : secretKey();
  const all = { ...PROPERTIES, ...keys.properties, ...properties };
  const args = [...jvm, '-jar', jar(), ...Object.entries(all).map(([name, value]) => `--${name}=${value}`)];
  const started = await start(core, java, args, /Netty started on port (\d+)/);
  const port = started.match[1];
  await isReady(port);
  return new Server('starling', started, port, keys.access);
}

/** Waits until Actuator says that the node takes connections. */
async function isReady(port) {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
    if (response?.ok) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('Starling does not become ready');
}

function secretKey() {
  const secret = crypto.randomBytes(24).toString('hex');
  return { properties: { 'starling.security.jwt.secret': secret }, access: ['--secret', secret] };
}

function rsaKeys() {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
  const file = path.join(SCRATCH, 'public.pem');
  fs.writeFileSync(file, publicKey.export({ type: 'spki', format: 'pem' }));
  const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub: 'load', channels: ['*'], publish: ['*'], exp: Math.floor(Date.now() / 1000) + 86_400 };
  const signed = `${encoded({ alg: 'RS256', typ: 'JWT' })}.${encoded(claims)}`;
  const signature = crypto.sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url');
  return {
    properties: { 'spring.security.oauth2.resourceserver.jwt.public-key-location': `file:${file}` },
    access: ['--token', `${signed}.${signature}`],
  };
}

/** The peer: Node and `ws`. */
async function startPeer(...flags) {
  const started = await start(SERVER_CORE, 'node', [path.join(packages(), 'peer.js'), '0', ...flags], /"port":(\d+)/);
  return new Server('peer', started, started.match[1], []);
}

/** A copy of the Node programs with their packages installed. */
function packages() {
  const copy = path.join(ROOT, 'target', 'javascript');
  fs.cpSync(path.join(ROOT, 'src', 'test', 'javascript'), copy, { recursive: true });
  if (!fs.existsSync(path.join(copy, 'node_modules', 'ws'))) {
    execFileSync('npm', ['ci', '--ignore-scripts', '--silent'], { cwd: copy });
  }
  return copy;
}

/** The load tool's command line. */
function toolArgs(scenario, server, options) {
  const tool = ['-XX:+UseSerialGC', '-Xmx1g', '-jar', toolJar(), scenario, '--json'];
  return [...tool, ...server.options(), ...options].map(String);
}

/** Runs one scenario of the load tool against a server and returns its result; throws if it passed a limit. */
function load(scenario, server, ...options) {
  const args = ['-c', TOOL_CORE, 'java', ...toolArgs(scenario, server, options)];
  const child = spawn('taskset', args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  let text = '';
  child.stdout.on('data', (bytes) => (text += bytes));
  return new Promise((resolve, reject) => {
    // Not `exit`, after which some of the output may be still to come.
    child.on('close', (code) => {
      running.delete(child);
      if (code === 0) {
        resolve(JSON.parse(text));
      } else {
        reject(new Error(`loadtest ${scenario} on ${server.name} ended with ${code}: ${text}`));
      }
    });
  });
}

/**
 * Starts one scenario of the load tool; resolves when it says how many connections are `ready`. `result()` waits for its end
 * and throws if it passed a limit; `stop()` cuts it off.
 */
async function background(scenario, server, ...options) {
  const { child, match, lines } = await start(TOOL_CORE, 'java', toolArgs(scenario, server, options), /ready: (\d+)/);
  const ended = new Promise((resolve) => child.on('close', resolve));
  return {
    ready: Number(match[1]),
    async result() {
      const code = await ended;
      if (code !== 0) {
        throw new Error(`loadtest ${scenario} on ${server.name} ended with ${code}: ${lines.slice(-20).join('\n')}`);
      }
      return JSON.parse(lines.findLast((line) => line.startsWith('{')));
    },
    stop() {
      child.kill('SIGKILL');
      return ended;
    },
  };
}

module.exports = { JVM_OPTIONS, SCRATCH, background, jar, load, start, startPeer, startStarling, toolJar };
