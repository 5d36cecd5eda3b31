// The SharedWorker in which all tabs of an origin have their event streams: one connection for all that follow the same,
// which lives on whatever becomes of a tab. share.js starts it and is its other end; docs/CLIENT.md says what the two say
// to each other. A tab has one port, and a number for each stream that it follows.
import { Feed, kLongest } from "./feed.mjs";

// What any message counts beside its texts. Nothing else holds a port back, so a tab that leaves more than kMost unanswered,
// be it stuck, frozen or dead, is let go, and asks again for what it has not had when it comes to.
const kMost = 2 * kLongest; // characters
const kOfAny = 100;
const kBeat = 1000; // milliseconds; what comes shows a tab that the worker is there, and its answer that the tab is

// `scope` is the worker's global scope, or what stands for it in a test. Returns what takes a new tab's port.
export function serve(scope) {
  const feeds = new Set(); // the one that has caught up before those that are behind
  const ports = new Set();

  // False where the tab is let go for it.
  function count(port, size) {
    port.sent += size;
    if (port.sent - port.answered <= kMost) return true;
    letGo(port);
    port.postMessage(null);
    return false;
  }

  function ask(port) {
    port.asked = port.sent;
    port.postMessage(port.asked);
  }

  function send(port, message, size = 0) {
    if (!count(port, kOfAny + size)) return;
    port.postMessage(message);
    if (port.sent - port.asked > kMost / 8) ask(port);
  }

  const tell = (stream) => send(stream.port, [stream.number, stream.feed.readyState, stream.feed.id]);

  function letGo(port) {
    ports.delete(port);
    port.streams.forEach(leave);
  }

  function follow(stream, feed) {
    stream.feed = feed;
    feed.streams.add(stream);
    tell(stream);
  }

  function leave(stream) {
    const { feed } = stream;
    if (!feed) return;
    stream.feed = null;
    feed.streams.delete(stream);
    if (!feed.streams.size) end(feed);
  }

  function end(feed) {
    feed.close();
    feeds.delete(feed);
  }

  const on = {
    event(feed, { type, data, id }) {
      const name = data === null ? "gap" : type;
      data ??= JSON.stringify({ channel: "", asked: feed.before, first: "" });
      feed.before = id;
      const size = name.length + data.length + id.length;
      feed.streams.forEach(({ number, port, types }) => {
        if (types.has(type)) send(port, [number, name, data, id, feed.origin], size);
        else if (types.has("*")) send(port, [number, "*", `${name}\n${data}`, id, feed.origin], size);
      });
      // Where two feeds have come to the same place, one is enough: this one, which is certainly alive.
      if (!id || !feeds.has(feed)) return;
      feeds.forEach((other) => {
        if (other === feed || other.key !== feed.key || other.id !== id) return;
        end(other);
        other.streams.forEach((stream) => follow(stream, feed));
      });
    },

    state(feed) {
      feed.streams.forEach(tell);
      if (feed.readyState === 2) {
        end(feed);
        feed.streams.forEach((stream) => (stream.feed = null));
      }
      if (feed.readyState === 1) {
        // Whoever waits after a refusal need not wait any longer.
        ports.forEach((port) => {
          port.streams.forEach((own) => own.feed || own.key !== feed.key || send(port, [own.number]));
        });
      }
    },
  };

  // A stream that a tab asks for. It goes with a feed that is at its place, or any where it has none; else it gets a feed
  // of its own until that has caught up. One that has been silent for longer than the tab bears is opened anew for all.
  function join(port, [number, url, withCredentials, silentAfter, answerWithin, id, types]) {
    const key = [url, withCredentials, silentAfter, answerWithin].join(" ");
    const stream = { port, number, key, types: new Set(types), feed: null };
    port.streams.set(number, stream);
    let feed = [...feeds].find((feed) => feed.key === key && (!id || feed.id === id));
    if (!feed) {
      feed = new Feed(scope, key, url, withCredentials, id, on);
      feeds.add(feed);
    } else if (feed.silence >= (feed.readyState === 1 ? silentAfter : answerWithin)) {
      feed.open();
    }
    follow(stream, feed);
  }

  function hear(port, message) {
    if (!ports.has(port)) return; // it has been let go, and will come back with another
    if (message === null) {
      letGo(port);
    } else if (typeof message === "number") {
      port.answered = message;
    } else if (message.length > 3) {
      join(port, message);
    } else {
      const [number, type, isWanted] = message;
      const stream = port.streams.get(number);
      if (!stream) return;
      if (!type) {
        port.streams.delete(number);
        leave(stream);
      } else if (isWanted) {
        stream.types.add(type);
      } else {
        stream.types.delete(type);
      }
    }
  }

  scope.setInterval(() => ports.forEach((port) => count(port, kMost / 16) && ask(port)), kBeat);

  return (port) => {
    port.sent = port.answered = 0;
    port.streams = new Map();
    port.onclose = () => letGo(port);
    port.onmessage = ({ data }) => hear(port, data);
    ports.add(port);
    ask(port); // with 0, which says that nothing was before
  };
}
