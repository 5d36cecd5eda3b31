// An EventSource as WHATWG HTML has it ("Server-sent events", section "The EventSource interface"), for browsers, workers
// and node, over the client in C++: index.d.ts says what it adds.
import instantiate from "./linked.mjs";

const kStates = ["connecting", "open", "reconnecting", "waiting", "closed"];
const kReasons = ["", "closed", "refused", "silent", "gave up", "unavailable", "ended", "lost", "too long"];
const [kOpen, kWaiting, kClosed] = ["open", "waiting", "closed"];

async function compile(url) {
  if (url.protocol !== "file:") return WebAssembly.compileStreaming(fetch(url));
  const { readFile } = await import("node:fs/promises");
  return WebAssembly.compile(await readFile(url));
}

const program = await compile(new URL("./tidings.wasm", import.meta.url));
const client = await instantiate({
  instantiateWasm(imports, done) {
    WebAssembly.instantiate(program, imports).then(done);
    return {};
  },
});

// Each name and each value with a NUL behind it.
function fieldsOf(headers) {
  return [...new Headers(headers)].map(([name, value]) => `${name}\0${value}\0`).join("");
}

export class EventSource extends EventTarget {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSED = 2;

  #stream = 0;
  #heard = new Set();
  #handlers = {};
  #state = "connecting";
  #reason = "";
  #status = 0;
  #problem = "";

  constructor(url, init = {}) {
    super();
    try {
      this.url = new URL(url, globalThis.document?.baseURI ?? globalThis.location?.href).href;
    } catch {
      throw new DOMException(`${url} is no URL.`, "SyntaxError");
    }
    this.withCredentials = Boolean(init.withCredentials);
    const sink = { takeEvent: (type, event) => this.#takeEvent(type, event), takeState: (...all) => this.#takeState(...all) };
    this.#stream = client.open(sink, {
      url: this.url,
      method: init.method ?? "GET",
      fields: fieldsOf(init.headers),
      body: typeof init.body === "string" ? new TextEncoder().encode(init.body) : (init.body ?? new Uint8Array()),
      lastEventId: init.lastEventId ?? "",
      withCredentials: this.withCredentials,
      reopensAfterRefusal: Boolean(init.reopensAfterRefusal),
      silentAfter: init.silentAfter ?? 0,
      answerWithin: init.answerWithin ?? 30_000,
    });
    if (this.#stream === 0) throw new DOMException(`${this.url} can't be asked for.`, "SyntaxError");
  }

  get readyState() {
    return this.#state === kOpen ? EventSource.OPEN : this.#state === kClosed ? EventSource.CLOSED : EventSource.CONNECTING;
  }
  get state() {
    return this.#state;
  }
  get reason() {
    return this.#reason;
  }
  get status() {
    return this.#status;
  }
  get problem() {
    return this.#problem;
  }

  get onopen() {
    return this.#handlers.open ?? null;
  }
  set onopen(handler) {
    this.#handle("open", handler);
  }
  get onmessage() {
    return this.#handlers.message ?? null;
  }
  set onmessage(handler) {
    this.#handle("message", handler);
  }
  get onerror() {
    return this.#handlers.error ?? null;
  }
  set onerror(handler) {
    this.#handle("error", handler);
  }

  addEventListener(type, ...rest) {
    if (this.#stream !== 0 && !this.#heard.has(String(type))) {
      this.#heard.add(String(type));
      client.listen(this.#stream, String(type));
    }
    super.addEventListener(type, ...rest);
  }

  pause() {
    if (this.#stream !== 0) client.pause(this.#stream, true);
  }
  resume() {
    if (this.#stream !== 0) client.pause(this.#stream, false);
  }
  setHeader(name, value) {
    const [[checkedName, checkedValue]] = new Headers([[name, value]]);
    if (this.#stream !== 0) client.setField(this.#stream, checkedName, checkedValue);
  }

  close() {
    if (this.#state !== kClosed) this.#reason = "closed";
    this.#state = kClosed;
    this.#release();
  }

  #release() {
    if (this.#stream === 0) return;
    const stream = this.#stream;
    this.#stream = 0;
    client.close(stream);
  }

  #takeEvent(type, event) {
    this.dispatchEvent(new MessageEvent(type, event));
  }

  #takeState(state, reason, status, problem) {
    const before = this.#state;
    [this.#state, this.#reason, this.#status, this.#problem] = [kStates[state], kReasons[reason], status, problem];
    if (this.#state === kClosed) this.#release();
    if (this.#state === kOpen) this.dispatchEvent(new Event("open"));
    else if (before === kOpen || [kWaiting, kClosed].includes(this.#state)) this.dispatchEvent(new Event("error"));
  }

  #handle(type, handler) {
    if (this.#handlers[type]) this.removeEventListener(type, this.#handlers[type]);
    this.#handlers[type] = typeof handler === "function" ? handler : null;
    if (this.#handlers[type]) this.addEventListener(type, this.#handlers[type]);
  }
}

for (const name of ["CONNECTING", "OPEN", "CLOSED"]) EventSource.prototype[name] = EventSource[name];
