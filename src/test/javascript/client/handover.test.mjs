// Deploys: a node leaves, and its clients go to another one. Needs a Redis, whose port STARLING_REDIS_PORT tells.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { connect, fresh, next, numbers, record, until } from "./under-test.mjs";
import { startProxy } from "./proxy.mjs";
import { startServer, token } from "./server.mjs";

const redis = {
  "starling.broker.type": "redis",
  "spring.data.redis.port": process.env.STARLING_REDIS_PORT,
  "starling.limits.message-rate": 0,
  "starling.drain.deadline": "8s",
  "starling.drain.reconnect-rate": 1,
};
let staying;
let balancer;

before(async () => {
  staying = await startServer(redis);
  balancer = await startProxy(staying.port);
});
after(async () => {
  await balancer.close();
  await staying.stop();
});

/** A node that will leave, in front of the other one as long as nobody says otherwise. */
async function leavingNode(t) {
  const leaving = await startServer(redis);
  t.after(() => leaving.stop());
  balancer.target = leaving.port;
  return leaving;
}

/** Publishes numbers, one at a time, until told to stop; gives the last one. */
function stream(client, channels) {
  let on = true;
  const run = async () => {
    let n = 0;
    while (on) {
      n++;
      await Promise.all(channels.map((channel) => client.publish(channel, n)));
    }
    return n;
  };
  const running = run();
  return () => {
    on = false;
    return running;
  };
}

test("a client moves before its node is gone: nothing lost, nothing doubled, never without a connection", async (t) => {
  const leaving = await leavingNode(t);
  const client = connect(t, balancer.url, { token: token() });
  const writer = connect(t, staying.url, { token: token({ user: "bob" }) });
  const kept = client.subscribe(fresh());
  const plain = client.subscribe(fresh("plain"));
  const unread = client.subscribe(fresh(), { recover: false });
  await Promise.all([kept.ready, plain.ready, unread.ready]);
  const first = client.welcome.node;
  const states = record(client, "state");
  const disconnects = record(client, "disconnected");
  const goaways = record(client, "goaway");
  const lost = record(client, "lost");
  const seen = [kept, plain, unread].map((room) => record(room, "message"));
  const values = () => seen.map((messages) => messages.map((message) => message.data));

  const stop = stream(writer, [kept.channel, plain.channel, unread.channel]);
  const own = fresh();
  const mine = stream(client, [own]);
  await until("messages", () => seen[0].length > 50);
  balancer.target = staying.port;
  const exit = leaving.stop("SIGTERM");
  await next(client, "connected");
  await exit;
  const count = seen[0].length;
  await until("more messages", () => seen[0].length > count + 50);
  const lastOfMine = await mine();
  const last = await stop();
  await until("the last", () => values().every((all) => all.at(-1) === last));

  const [keptValues, plainValues, unreadValues] = values();
  assert.deepEqual(keptValues, numbers(1, last));
  assert.deepEqual(unreadValues, numbers(1, last));
  assert.deepEqual([...new Set(plainValues)].sort((a, b) => a - b), numbers(1, last));
  const { messages } = await writer.history(own, { limit: 1000 });
  assert.deepEqual(messages.map((message) => message.data), numbers(1, Math.min(lastOfMine, 1000)));
  assert.equal(goaways.length, 1);
  assert.notEqual(client.welcome.node, first);
  assert.deepEqual([states, disconnects, lost], [[], [], []]);
  assert.equal(balancer.open, 1);
});

test("a node that dies without a word costs nothing either", async (t) => {
  const leaving = await leavingNode(t);
  const client = connect(t, balancer.url, { token: token() });
  const writer = connect(t, staying.url, { token: token({ user: "bob" }) });
  const room = client.subscribe(fresh());
  const messages = record(room, "message");
  await room.ready;
  const stop = stream(writer, [room.channel]);
  await until("messages", () => messages.length > 20);
  balancer.target = staying.port;
  await leaving.stop("SIGKILL");
  const disconnect = client.lastDisconnect ?? (await next(client, "disconnected"));
  const count = messages.length;
  await until("more messages", () => messages.length > count + 20);
  const last = await stop();
  await until("the last", () => messages.at(-1).data === last);
  assert.deepEqual(messages.map((message) => message.data), numbers(1, last));
  assert.deepEqual([disconnect.code, disconnect.initiator, disconnect.willReconnect], [1006, "network", true]);
});
