// Offers permessage-deflate, publishes to itself, and prints what was negotiated and what came back.
//   node compression.js <url> <channel>
'use strict';

const WebSocket = require('ws');

const [url, channel] = process.argv.slice(2);
const data = 'repeat '.repeat(1000);
const socket = new WebSocket(url, { perMessageDeflate: { threshold: 0 } });

setTimeout(() => {
  console.error('no end after ten seconds');
  process.exit(1);
}, 10_000).unref();

socket.on('open', () => socket.send(JSON.stringify({ type: 'subscribe', channel })));
socket.on('error', (error) => {
  console.error(error);
  process.exit(1);
});
socket.on('message', (bytes) => {
  const frame = JSON.parse(bytes);
  if (frame.type === 'subscribed') {
    socket.send(JSON.stringify({ type: 'publish', channel, data }));
  } else if (frame.type === 'message') {
    console.log(JSON.stringify({ extensions: socket.extensions, intact: frame.data === data, wire: socket._socket.bytesRead }));
    socket.close();
  }
});
