// A browser with tabs and their SharedWorker in one process, for share.js and worker.mjs as they are: messages arrive when
// the test says, the clock stands until it is moved, connections do what they are told. In place of the C++ of a page stands
// Tab.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { serve } from "../../../client_wasm/share/worker.mjs";

// The declarations that Emscripten would make of a library.
function declarations(path) {
  let all;
  const text = readFileSync(new URL(`../../../client_wasm/${path}`, import.meta.url), "utf8");
  new Function("mergeInto", "LibraryManager", text)((_, entries) => (all = entries), {});
  return Object.entries(all)
    .filter(([name]) => !name.endsWith("__deps"))
    .map(([name, value]) => {
      const text = typeof value === "function" ? value : JSON.stringify(value);
      return `var ${name.startsWith("$") ? name.slice(1) : `_${name}`} = ${text};`;
    })
    .join("\n");
}

const makePage = new Function("environment", `
var { EventSource, SharedWorker, Promise, setInterval, clearInterval, addEventListener, document,
  _tidings_event_source_state, _tidings_event_source_event, _tidings_event_source_origin, _tidings_event_source_nested,
  _tidings_event_source_id, _tidings_wake } = environment;
var textLength = 0;
function putText(text) { return text; }
function getString(text) { return text; }
${declarations("base/url.js")}
${declarations("event_source/event_source.js")}
${declarations("event_source/reopening.js")}
${declarations("share/share.js")}
return { _tidings_reopening_open, _tidings_event_source_listen, _tidings_event_source_unlisten,
  _tidings_event_source_close, _tidings_event_source_tell_id, _tidings_share_open };`);

const turn = () => new Promise((resolve) => setImmediate(resolve));

class Port {
  letters = []; // on their way here
  onmessage = null;
  onclose = null;
  isOpen = true;

  constructor(world, place) {
    Object.assign(this, { world, place });
    world.ports.push(this);
  }
  postMessage(message) {
    const copy = structuredClone(message);
    if (this.isOpen && this.other?.isOpen) this.other.letters.push(copy);
    this.world.posted += 1;
  }
  // What was posted arrives; the other end is told behind it, where the browser tells.
  close() {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.letters.length = 0;
    if (this.world.tells && this.other?.isOpen) this.other.letters.push("closed");
  }
}

export class World {
  now = 1_000_000;
  ports = [];
  sources = []; // the connections that are not closed, of the worker and of tabs
  opened = 0;
  posted = 0;
  tells = true; // of ports whose other end is gone
  hasWorkers = true;
  loadsWorker = true;
  isOtherVersion = false;
  worker = null;
  #timers = [];
  #soon = [];

  // What one place, a tab or the worker, has of the browser; it is gone with `place.isGone`.
  environment(place) {
    const world = this;
    const start = (call, milliseconds, every) =>
      world.#timers.push({ place, call, every, due: world.now + milliseconds }) && world.#timers.at(-1);
    const stop = (timer) => (world.#timers = world.#timers.filter((other) => other !== timer));
    return {
      Date: { now: () => world.now },
      EventSource: class extends FakeEventSource {
        constructor(url, { withCredentials }) {
          super();
          Object.assign(this, { place, url, withCredentials });
          world.take(this);
        }
      },
      fetch: (url, options) => world.take(new FakeFetch(place, url, options)),
      origin: "https://example.org",
      Promise: { resolve: () => ({ then: (then) => world.#soon.push(then) }) },
      setInterval: (call, every) => start(call, every, every),
      setTimeout: (call, milliseconds) => start(call, milliseconds),
      clearInterval: stop,
      clearTimeout: stop,
      SharedWorker: class {
        constructor() {
          if (!world.hasWorkers) throw new ReferenceError("SharedWorker");
          this.port = new Port(world, place);
          if (!world.loadsWorker) {
            this.port.letters.push("error");
            this.port.onerror = () => this.onerror();
            return;
          }
          world.worker ??= world.#startWorker();
          world.#connect(this.port);
        }
      },
    };
  }

  #startWorker() {
    const place = {};
    if (!this.isOtherVersion) place.take = serve(this.environment(place));
    return place;
  }

  take(source) {
    source.world = this;
    this.sources.push(source);
    this.opened += 1;
    return source.response;
  }
  drop(source) {
    this.sources = this.sources.filter((other) => other !== source);
  }

  // A place ends without a word of its own.
  end(place) {
    place.isGone = true;
    this.sources.filter((source) => source.place === place).forEach((source) => source.close());
    this.ports.filter((port) => port.place === place).forEach((port) => port.close());
    if (place === this.worker) this.worker = null;
  }

  // The worker ends and is started again behind the tabs' ports, as WebKit does it where the process ends that had it.
  restartWorker() {
    const old = this.worker;
    const ports = this.ports.filter(({ isOpen, place }) => isOpen && place === old);
    old.isGone = true;
    this.sources.filter(({ place }) => place === old).forEach((source) => source.close());
    ports.forEach((port) => (port.isOpen = false));
    this.worker = this.#startWorker();
    ports.forEach(({ other: port }) => this.#connect(port));
  }
  #connect(port) {
    const there = new Port(this, this.worker);
    port.other = there;
    there.other = port;
    this.worker.take?.(there);
  }

  async calm() {
    await turn();
    while (this.#soon.length) this.#soon.shift()();
    this.ports = this.ports.filter(({ isOpen, letters }) => isOpen || letters.length);
  }
  // Those to which something may be delivered now.
  get receivers() {
    return this.ports.filter(({ letters, place }) => letters.length && !place.isStuck && !place.isGone);
  }
  async deliver(port) {
    const data = port.letters.shift();
    if (data === "error") {
      port.onerror();
    } else if (data === "closed") {
      port.onclose?.();
    } else if (port.isOpen) {
      port.onmessage?.({ data });
    }
    if (this.#soon.length) await this.calm();
  }
  async settle() {
    do {
      await this.calm();
      for (let port; (port = this.receivers[0]); ) await this.deliver(port);
      await this.calm();
    } while (this.receivers.length);
  }
  async advance(milliseconds) {
    const end = this.now + milliseconds;
    for (;;) {
      this.#timers = this.#timers.filter(({ place }) => !place.isGone);
      const next = this.#timers.reduce((a, b) => (a && a.due <= b.due ? a : b), undefined);
      if (!next || next.due > end) break;
      this.now = Math.max(this.now, next.due);
      next.due += next.every ?? Infinity;
      if (!next.every) this.#timers = this.#timers.filter((other) => other !== next);
      if (!next.place.isStuck) next.call();
      await this.calm();
    }
    this.now = end;
  }
  // The same with everything that is said meanwhile.
  async rest(milliseconds) {
    for (let left = milliseconds; left > 0; left -= 500) {
      await this.settle();
      await this.advance(500);
    }
    await this.settle();
  }
}

// Behind which id a connection goes on.
const askedFor = (url) => decodeURIComponent(/last_event_id=([^&]*)/.exec(url)?.[1] ?? "");

// A request of the worker's, and its answer once it is told to be() open.
class FakeFetch {
  readyState = 0;

  constructor(place, url, { credentials, headers, signal }) {
    Object.assign(this, { place, url, credentials, headers });
    this.response = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
    signal.addEventListener("abort", () => this.close());
  }
  get asked() {
    return askedFor(this.url);
  }
  close() {
    this.readyState = 2;
    this.world.drop(this);
    this.body?.error(new Error("abort"));
    this.body = null;
    this.reject(new Error("abort"));
  }

  async be(readyState) {
    if (readyState === 1) {
      const stream = new ReadableStream({ start: (controller) => (this.body = controller) });
      const headers = new Headers({ "content-type": "text/event-stream" });
      this.readyState = 1;
      this.resolve({ status: 200, headers, url: this.url, body: stream });
    } else {
      this.world.drop(this);
      if (readyState === 2) this.resolve({ status: 503, headers: new Headers(), url: this.url });
      if (readyState === 0) {
        this.body?.close();
        this.body = null;
        this.reject(new Error("network"));
      }
    }
    await this.world.calm();
  }
  async dispatch(data, id, type) {
    const lines = data.split("\n").map((line) => `data: ${line}\n`);
    const text = `${type ? `event: ${type}\n` : ""}${lines.join("")}${id === undefined ? "" : `id: ${id}\n`}\n`;
    this.body.enqueue(new TextEncoder().encode(text));
    await this.world.calm();
  }
}

// A page's own.
class FakeEventSource {
  readyState = 0;
  listeners = [];

  get asked() {
    return this.id ?? askedFor(this.url);
  }
  addEventListener(type, listener) {
    this.listeners.push([type, listener]);
  }
  removeEventListener(type, listener) {
    this.listeners = this.listeners.filter((entry) => entry[0] !== type || entry[1] !== listener);
  }
  close() {
    this.readyState = 2;
    this.world.drop(this);
  }
  async be(readyState) {
    this.readyState = readyState;
    if (readyState === 2) this.world.drop(this);
    (readyState === 1 ? this.onopen : this.onerror)?.();
    await this.world.calm();
  }
  async dispatch(data, id = this.id, type = "message") {
    this.id = id;
    const event = { type, data, lastEventId: id ?? "", origin: "https://example.org" };
    this.listeners.forEach(([name, listener]) => name === type && listener(event));
    await this.world.calm();
  }
}

// A page that follows one stream, as ReopeningConnection does where `reopens`.
export class Tab {
  seen = [];
  states = [];
  wakes = 0;
  isOpen = false; // the object, whatever the connection
  #types = new Map();
  #handlers = {};

  constructor(world, { id = "", url = "/events", types = ["message"], silentAfter = Infinity, reopens = true } = {}) {
    Object.assign(this, { world, id, url, silentAfter, reopens });
    const environment = {
      ...world.environment(this),
      document: { baseURI: "https://example.org/page" },
      addEventListener: (type, handler) => (this.#handlers[type] = handler),
      _tidings_event_source_state: (_, readyState) => this.#become(readyState),
      _tidings_event_source_event: (_, type, data) => this.take(this.#types.get(type), data),
      _tidings_event_source_origin: (_, origin) => assert.equal(origin, "https://example.org"),
      _tidings_event_source_nested: () => assert.fail("an event within another"),
      _tidings_event_source_id: (_, id) => (this.id = id),
      _tidings_wake: () => {
        this.wakes += 1;
        if (!this.isOpen && this.reopens) this.open();
      },
    };
    this.page = makePage(environment);
    ["begin", "gap", ...types].forEach((type) => this.#types.set(this.#types.size + 1, type));
    this.open();
  }

  open() {
    this.isOpen = true;
    const { page, url, id, silentAfter } = this;
    const isShared = page._tidings_share_open(1, url, 0, false, silentAfter, 30_000, id, 0);
    if (!isShared) page._tidings_reopening_open(1, url, 0, false, silentAfter < Infinity, id, id.length);
    this.#types.forEach((name, type) => page._tidings_event_source_listen(1, type, name, 0));
  }
  close() {
    if (this.isOpen) this.page._tidings_event_source_close(1);
    this.isOpen = false;
  }
  listen(name) {
    const type = Math.max(...this.#types.keys()) + 1;
    this.#types.set(type, name);
    this.page._tidings_event_source_listen(1, type, name, 0);
    return () => this.page._tidings_event_source_unlisten(1, type, name, 0);
  }
  hide() {
    this.#handlers.pagehide?.();
    this.isStuck = true;
  }
  show() {
    this.isStuck = false;
    this.#handlers.pageshow?.({ persisted: true });
  }
  end() {
    this.#handlers.pagehide?.();
    this.world.end(this);
  }

  #become(readyState) {
    this.states.push(readyState);
    if (readyState > 1) this.close();
    if (readyState === 3) this.open();
  }
  take(type, data) {
    this.page._tidings_event_source_tell_id(1);
    this.seen.push(type === "message" ? data : `${type} ${data}`);
    this.taken?.(type, data, this.id);
  }
}
