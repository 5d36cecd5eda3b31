// One connection for all streams of tabs that are at the same place of the same URL. It connects again as the browser's
// own EventSource does, and after no other answer than an event stream is refused. It reads by fetch, since an EventSource
// of Firefox in a worker stands still while the script of some tab runs (findings/).
import { Parser } from "./parser.mjs";

export const kLongest = 1 << 21; // characters of an event's data that are passed on

export class Feed {
  readyState = 0; // as an EventSource's
  streams = new Set();
  #scope;
  #on;
  #parser;
  #abort;
  #timer;
  #sign;

  // `on` has what is done with its events and its changes of state: event(feed, {…}), state(feed).
  constructor(scope, key, url, withCredentials, id, on) {
    this.#scope = scope;
    Object.assign(this, { key, url, withCredentials, before: id }); // `before`: the id of what has been passed on
    this.#on = on;
    this.#parser = new Parser(id, kLongest, (event) => this.#on.event(this, event));
    this.open();
  }

  get id() {
    return this.#parser.id;
  }

  // How long nothing has come, by the wall clock, which runs on while the machine sleeps. Where it is set back, silence
  // begins anew.
  get silence() {
    const now = this.#scope.Date.now();
    this.#sign = Math.min(this.#sign, now);
    return now - this.#sign;
  }

  // Connects, or does so anew, from the feed's place on.
  open() {
    this.close();
    const abort = (this.#abort = new AbortController());
    this.#parser.begin();
    this.#become(0);
    const lose = () => abort.signal.aborted || this.#lose();
    this.#read(abort.signal).then(lose, lose);
  }

  close() {
    this.#abort?.abort();
    this.#scope.clearTimeout(this.#timer);
  }

  #lose() {
    this.#timer = this.#scope.setTimeout(() => this.open(), this.#parser.reconnectionTime);
    this.#become(0);
  }

  #become(readyState) {
    this.#sign = this.#scope.Date.now();
    this.readyState = readyState;
    this.#on.state(this);
  }

  // The id goes along both ways. As a field it would have another origin's server asked beforehand.
  async #read(signal) {
    const { id, url } = this;
    const headers = { Accept: "text/event-stream" };
    if (id && new URL(url).origin === this.#scope.origin) {
      headers["Last-Event-ID"] = String.fromCharCode(...new TextEncoder().encode(id));
    }
    const response = await this.#scope.fetch(
      id ? `${url}${url.includes("?") ? "&" : "?"}last_event_id=${encodeURIComponent(id)}` : url,
      { cache: "no-store", credentials: this.withCredentials ? "include" : "same-origin", headers, signal },
    );
    if (signal.aborted) return;
    if (response.status !== 200 || !/^text\/event-stream *(;|$)/i.test(response.headers.get("content-type"))) {
      this.close();
      this.#become(2);
      return;
    }
    this.origin = new URL(response.url).origin;
    this.#become(1);
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || signal.aborted) return;
      this.#sign = this.#scope.Date.now();
      this.#parser.feed(decoder.decode(value, { stream: true }));
    }
  }
}
