// The client that is already out there: it knows `subscribe`, `ping`, `message` and `pong`, ignores every other frame, and
// comes back with a fixed delay. Its protocol must never change under it.
//   node plain-client.js <url> <channel> <reconnect-ms>
// Prints one JSON line per event: open, message, pong, close.
'use strict';

const WebSocket = require('ws');

const [url, channel, reconnectMs] = process.argv.slice(2);

function report(event, fields = {}) {
  console.log(JSON.stringify({ event, ...fields }));
}

function connect() {
  const socket = new WebSocket(url);
  let pings;

  socket.on('open', () => {
    report('open', { extensions: socket.extensions });
    socket.send(JSON.stringify({ type: 'subscribe', channel }));
    socket.send(JSON.stringify({ type: 'ping' }));
    pings = setInterval(() => socket.send(JSON.stringify({ type: 'ping' })), 500);
  });

  socket.on('message', (bytes) => {
    const frame = JSON.parse(bytes);
    if (frame.type === 'message') {
      report('message', { channel: frame.channel, data: frame.data });
    } else if (frame.type === 'pong') {
      report('pong');
    }
  });

  socket.on('error', () => {}); // `close` follows

  socket.on('close', (code, reason) => {
    clearInterval(pings);
    report('close', { code, reason: reason.toString() });
    setTimeout(connect, Number(reconnectMs));
  });
}

connect();
