import { byId } from "./dom.js";
import { Closes } from "./closes.js";
import { Connections } from "./connections.js";
import { Figures } from "./figures.js";
import { History } from "./history.js";
import { Members } from "./members.js";
import { Publish } from "./publish.js";
import { Server } from "./server.js";
import { Session } from "./session.js";
import { SignIn } from "./sign-in.js";
import { Status } from "./status.js";
import { Stream } from "./stream.js";
import { Subscriptions } from "./subscriptions.js";
import { Tabs } from "./tabs.js";
import { chooseTheme } from "./theme-choice.js";
import { Views } from "./views.js";

const tabs = new Tabs(byId("message-tabs"));
const stream = new Stream();
const members = new Members();
const history = new History();
const subscriptions = new Subscriptions(stream, members, {
  history: (channel) => {
    tabs.go("history");
    history.show(channel);
  },
  members: (channel) => {
    tabs.go("members");
    members.show(channel);
  },
});
const publish = new Publish(subscriptions);
const views = new Views({
  channels: null,
  server: new Server(),
  figures: new Figures(),
  connections: new Connections(),
  closes: new Closes(),
});
const status = new Status(() => signIn.again());
/** In the order in which they are told of a session; the subscriptions come last, since they begin to talk at once. */
const parts = [status, stream, members, history, publish, views, subscriptions];

let session = null;

const signIn = new SignIn((opened) => {
  leave();
  session = opened;
  parts.forEach((part) => part.open(session));
  session.start();
}, signOut);

function leave() {
  session?.close();
  session = null;
  parts.forEach((part) => part.close());
}

function signOut() {
  leave();
  stream.clear();
  Session.forget();
}

byId("sign-out").addEventListener("click", () => {
  signOut();
  signIn.ask();
});
byId("start-news").addEventListener("click", () => {
  subscriptions.subscribe("news");
  byId("publish-data").focus();
});
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address names the view
  byId("main").focus();
});
chooseTheme(byId("theme"));
signIn.begin();
