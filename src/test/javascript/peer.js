// The peer that the benchmark compares Starling with: what a good engineer would make by hand of Node and `ws`. It speaks the
// JSON protocol of Starling (welcome, subscribe, unsubscribe, publish, ping), keeps an index of channels, serialises a message
// once for all its receivers, and pings as Starling does: who has been silent for the interval, the first time at a random point
// of its second half, so that not all are pinged at once. It has no authentication, no limits, no metrics.
//   node peer.js [port] [--frame-each|--frame-once] [--heartbeat=<milliseconds>]
// Port 0, the default, takes any free one; it prints {"port":…,"pid":…} when it listens. With --frame-once a message is framed
// once, too, and its bytes are written to each socket past `ws`: faster, by fields that `ws` does not document.
'use strict';

const { Sender, WebSocketServer } = require('ws');

const SWEEPS_PER_HEARTBEAT = 30;
const SWEEPS_TO_ANSWER = 10;
const MAX_MESSAGE_BYTES = 65_536;

const flags = process.argv.slice(2);
const port = Number(flags.find((flag) => !flag.startsWith('--')) ?? 0);
const heartbeat = Number(flags.find((flag) => flag.startsWith('--heartbeat='))?.split('=')[1] ?? 30_000);
const broadcast = flags.includes('--frame-once') ? broadcastFrame : broadcastText;

/** @type {Map<string, Set<import('ws').WebSocket>>} who listens to each channel that has a listener */
const channels = new Map();
let connections = 0;
let sweeps = 0;

const server = new WebSocketServer({
  host: '127.0.0.1',
  port,
  path: '/ws',
  backlog: 4096,
  perMessageDeflate: false,
  maxPayload: MAX_MESSAGE_BYTES,
});

server.on('connection', (socket) => {
  socket.heard = sweeps;
  socket.asked = -1;
  socket.nextPing = sweeps + SWEEPS_PER_HEARTBEAT - Math.floor((Math.random() * SWEEPS_PER_HEARTBEAT) / 2);
  socket.channels = new Set();
  socket.on('pong', () => heard(socket));
  socket.on('close', () => socket.channels.forEach((channel) => leave(socket, channel)));
  socket.on('error', () => socket.terminate());
  socket.on('message', (bytes) => {
    heard(socket);
    receive(socket, bytes);
  });
  send(socket, {
    type: 'welcome',
    connection: String(++connections),
    node: 'peer',
    heartbeat,
    maxMessageBytes: MAX_MESSAGE_BYTES,
  });
});

server.on('listening', () => console.log(JSON.stringify({ port: server.address().port, pid: process.pid })));

setInterval(() => {
  sweeps++;
  for (const socket of server.clients) {
    if (socket.asked >= 0 && sweeps - socket.asked >= SWEEPS_TO_ANSWER) {
      socket.terminate();
    } else if (sweeps >= socket.nextPing) {
      check(socket);
    }
  }
}, heartbeat / SWEEPS_PER_HEARTBEAT);

function heard(socket) {
  socket.heard = sweeps;
  socket.asked = -1;
}

function check(socket) {
  if (sweeps - socket.heard < SWEEPS_PER_HEARTBEAT / 2) {
    socket.nextPing = socket.heard + SWEEPS_PER_HEARTBEAT;
    return;
  }
  socket.nextPing = sweeps + SWEEPS_PER_HEARTBEAT;
  socket.asked = sweeps;
  socket.ping();
}

function receive(socket, bytes) {
  let frame;
  try {
    frame = JSON.parse(bytes);
  } catch {
    fail(socket, 100, 'malformed');
    return;
  }
  if (frame === null || typeof frame !== 'object') {
    fail(socket, 100, 'malformed');
    return;
  }
  const { type, channel, id } = frame;
  if (type === 'ping') {
    send(socket, { type: 'pong', ts: Date.now(), id });
    return;
  }
  if (typeof channel !== 'string' || channel.length === 0) {
    fail(socket, 102, 'invalid_channel', id);
    return;
  }
  switch (type) {
    case 'subscribe':
      join(socket, channel);
      send(socket, { type: 'subscribed', channel, id });
      break;
    case 'unsubscribe':
      leave(socket, channel);
      send(socket, { type: 'unsubscribed', channel, id });
      break;
    case 'publish':
      publish(channel, frame.data);
      if (id !== undefined) {
        send(socket, { type: 'published', channel, id });
      }
      break;
    default:
      fail(socket, 101, 'unknown_type', id);
  }
}

function join(socket, channel) {
  let listeners = channels.get(channel);
  if (listeners === undefined) {
    channels.set(channel, (listeners = new Set()));
  }
  listeners.add(socket);
  socket.channels.add(channel);
}

function leave(socket, channel) {
  socket.channels.delete(channel);
  const listeners = channels.get(channel);
  if (listeners?.delete(socket) && listeners.size === 0) {
    channels.delete(channel);
  }
}

function publish(channel, data) {
  const listeners = channels.get(channel);
  if (listeners !== undefined) {
    broadcast(listeners, Buffer.from(JSON.stringify({ type: 'message', channel, data })));
  }
}

function broadcastText(listeners, message) {
  for (const socket of listeners) {
    socket.send(message, { binary: false });
  }
}

function broadcastFrame(listeners, message) {
  const frame = Buffer.concat(
    Sender.frame(message, { fin: true, opcode: 1, mask: false, rsv1: false, readOnly: true }),
  );
  for (const socket of listeners) {
    if (socket.readyState === socket.OPEN) {
      socket._socket.write(frame);
    }
  }
}

function fail(socket, code, error, id) {
  send(socket, { type: 'error', code, error, retry: false, id });
}

function send(socket, frame) {
  socket.send(JSON.stringify(frame));
}
