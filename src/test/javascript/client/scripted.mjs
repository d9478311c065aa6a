// Servers that say what a test wants them to say.
import { once } from "node:events";
import { WebSocketServer } from "ws";

const WELCOME = { type: "welcome", connection: "c", node: "n", heartbeat: 30_000, maxMessageBytes: 65_536 };

/**
 * A server that says welcome and then what the test makes it say; `socket.n` counts its connections from 1, and
 * `socket.heard` has the frames that came.
 */
export async function scripted(t, { welcome = WELCOME, onConnection = () => {}, onFrame = () => {} } = {}) {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const peer = { url: `ws://127.0.0.1:${server.address().port}/ws`, connections: 0, sockets: [] };
  server.on("connection", (socket) => {
    socket.n = ++peer.connections;
    socket.heard = [];
    peer.sockets.push(socket);
    socket.say = (frame) => socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
    socket.on("message", (text) => {
      const frame = JSON.parse(text);
      socket.heard.push(frame);
      onFrame(socket, frame);
    });
    if (welcome) {
      socket.say(welcome);
    }
    onConnection(socket);
  });
  t.after(() => {
    server.clients.forEach((socket) => socket.terminate());
    server.close();
  });
  return peer;
}

/** Answers a subscribe as a server with history does. */
export function confirm(socket, { type, id, channel }, fields = { epoch: "e", offset: 0 }) {
  if (type === "subscribe") {
    socket.say({ type: "subscribed", id, channel, ...fields });
  }
}
