// What artillery.yml can't say: who each client is, and how long it took. Artillery loads it.
'use strict';

const crypto = require('node:crypto');

const CHANNELS = 100;
const SUBSCRIPTIONS = 2;
const VALID_SECONDS = 86_400;

const secret = process.env.STARLING_SECURITY_JWT_SECRET;
let clients = 0;

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token as the server's own back end would sign it, for all channels. */
function token(user) {
  const claims = { sub: user, channels: ['*'], publish: ['*'], exp: Math.floor(Date.now() / 1000) + VALID_SECONDS };
  const signed = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded(claims)}`;
  return `${signed}.${crypto.createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** Before a connect. Artillery has a thread per processor, and each of them counts for itself. */
function enter(socket, context, done) {
  if (!secret) {
    throw new Error('STARLING_SECURITY_JWT_SECRET is not set: it must be the signing key of the server');
  }
  const client = clients++;
  const channel = (index) => `load:${(client * SUBSCRIPTIONS + index) % CHANNELS}`;
  context.vars.first = channel(0);
  context.vars.second = channel(1);
  const headers = { Authorization: `Bearer ${token(`load-${process.env.LOCAL_WORKER_ID}-${client}`)}` };
  socket.options = { ...socket.options, headers };
  context.vars.began = performance.now();
  done();
}

/** Records the time since the connect began. */
function record(name, context, events) {
  events.emit('histogram', name, performance.now() - context.vars.began);
}

/** After the first frame of the server. */
function established(context, events, done) {
  record('starling.established', context, events);
  done();
}

/** After all subscriptions. What comes from now on is nobody's answer, and artillery would take it for one. */
function subscribed(context, events, done) {
  record('starling.subscribed', context, events);
  context.ws.onmessage = undefined;
  done();
}

module.exports = { enter, established, subscribed };
