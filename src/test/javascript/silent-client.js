// Says nothing: answers three pings, and then no more. Prints how often it was pinged until then and that it was cut, as one
// JSON line, such as {"pings":3,"cut":true}.
//   node silent-client.js <url>
'use strict';

const WebSocket = require('ws');

const ANSWERED = 3;
const socket = new WebSocket(process.argv[2], { autoPong: false });
let pings = 0;

socket.on('ping', () => {
  if (pings < ANSWERED) {
    pings++;
    socket.pong();
  }
});

socket.on('error', () => {}); // `close` follows

socket.on('close', (code) => console.log(JSON.stringify({ pings, cut: code === 1006 })));
