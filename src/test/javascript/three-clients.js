// Two clients subscribe, a third publishes once; each of the two must get the message once and only once. What comes late
// is seen without waiting: one order per channel means that a second copy comes before the marker that is published next.
//   node three-clients.js <url>[,<url>…] <channel> [seconds]
// The clients take the nodes in turn.
// Prints one JSON line, such as {"deliveries":[1,1]}; ends with an error if it takes ten seconds, or as many as told.
'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const WebSocket = require('ws');

const [urls, channel, seconds = 10] = process.argv.slice(2);
const nodes = urls.split(',');
let connected = 0;
const DATA = { hello: 'world', at: [1, 2.5, null], text: 'ünïcödé 🐦' };

setTimeout(() => {
  console.error(`no end after ${seconds} seconds`);
  process.exit(1);
}, seconds * 1000).unref();

/** A connection whose frames can be awaited one type at a time. */
async function connect() {
  const socket = new WebSocket(nodes[connected++ % nodes.length]);
  const received = [];
  const waiting = [];
  socket.on('message', (bytes) => {
    const frame = JSON.parse(bytes);
    received.push(frame);
    for (const wait of waiting.splice(0)) {
      wait();
    }
  });
  await once(socket, 'open');
  const until = async (matches) => {
    while (!received.some(matches)) {
      await new Promise((resolve) => waiting.push(resolve));
    }
  };
  return { received, until, send: (frame) => socket.send(JSON.stringify(frame)), close: () => socket.close() };
}

async function main() {
  const readers = await Promise.all([connect(), connect()]);
  const writer = await connect();
  for (const reader of readers) {
    reader.send({ type: 'subscribe', channel });
    await reader.until((frame) => frame.type === 'subscribed' && frame.channel === channel);
  }
  writer.send({ type: 'publish', channel, data: DATA });
  writer.send({ type: 'publish', channel, data: 'marker' });
  const deliveries = [];
  for (const reader of readers) {
    await reader.until((frame) => frame.type === 'message' && frame.data === 'marker');
    const messages = reader.received.filter((frame) => frame.type === 'message');
    assert.deepStrictEqual(messages[0].data, DATA);
    deliveries.push(messages.filter((frame) => frame.data !== 'marker').length);
  }
  assert(writer.received.every((frame) => frame.type !== 'message'), 'the third client is no subscriber');
  console.log(JSON.stringify({ deliveries }));
  [...readers, writer].forEach((client) => client.close());
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
