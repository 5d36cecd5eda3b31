// A server for the page of follower.cc, or of fetcher.cc, whose event stream does what the test says: /stream answers each
// request by what `answer` is then, keeps what it has published, and goes on behind the id that is asked for, else from a
// `begin` on. The form of the stream is that of our server (docs/EVENT_STREAM.md).
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

// The list and its wake-up are there before the page's own script is.
const page = (script) => `<!doctype html><meta charset="utf-8"><title>Follower</title><link rel="icon" href="data:,">
<script>tidingsSeen = []; tidingsWake = () => {};</script><script src="/${script}.js"></script>`;

// A service worker that passes on whatever is asked for, as those do that keep a site for when there is no network.
const kServiceWorker = `addEventListener("fetch", (event) => event.respondWith(fetch(event.request)));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));`;

export class FollowerServer {
  requests = []; // of streams: the id that each asks for
  latest; // of them: { method, headers, body, at }, when it came in milliseconds
  answer = { status: 200, type: "text/event-stream" };
  hangs = false; // requests are taken and never answered
  idOf = (number) => `${number}`; // of that event, of which the last digits are the number
  #events = [];
  #folder;
  #script;
  #document;
  #streams = new Set();
  #wake = () => {};
  #server = createServer((request, response) => this.#take(request, response));

  // Serves the script, and for "/" the document or one that runs the script.
  static async start(folder, script = "follower", document = page(script)) {
    const server = new FollowerServer();
    server.#folder = folder;
    server.#script = script;
    server.#document = document;
    server.#server.listen(0, "localhost");
    await once(server.#server, "listening");
    return server;
  }

  get url() {
    return `http://localhost:${this.#server.address().port}/`;
  }
  get streams() {
    return this.#streams.size;
  }

  publish(data) {
    this.#events.push(data);
    this.#streams.forEach((response) => this.#send(response, this.#events.length));
  }
  beat() {
    this.#streams.forEach((response) => response.write("event: heartbeat\ndata\n\n"));
  }
  comment() {
    this.#streams.forEach((response) => response.write(":\n"));
  }
  // Ends the open streams, soon to be asked for again.
  cut() {
    this.#streams.forEach((response) => response.end());
    this.#streams.clear();
  }
  // Breaks them off.
  tear() {
    this.#streams.forEach((response) => response.destroy());
    this.#streams.clear();
  }
  // Writes so many bytes to the open stream, in events of 64 KiB without an id, as far as its client takes them within
  // that time. Resolves to how many it has taken.
  async flood(bytes, milliseconds) {
    const [response] = this.#streams;
    const event = `data: ${"x".repeat(65536 - 8)}\n\n`;
    const end = performance.now() + milliseconds;
    let taken = 0;
    for (; taken < bytes && performance.now() < end; taken += event.length) {
      if (response.write(event)) continue;
      const late = pause(end - performance.now(), true);
      if (await Promise.race([late, once(response, "drain")]) === true) break;
    }
    return taken;
  }
  async request(count) {
    while (this.requests.length < count) await new Promise((resolve) => (this.#wake = resolve));
  }

  close() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #send(response, number) {
    const lines = this.#events[number - 1].split("\n").map((line) => `data: ${line}\n`);
    response.write(`${lines.join("")}id: ${this.idOf(number)}\n\n`);
  }

  #take(request, response) {
    const { pathname, searchParams } = new URL(request.url, this.url);
    if (pathname === "/stream") {
      const id = request.headers["last-event-id"] ?? searchParams.get("last_event_id");
      this.latest = { method: request.method, headers: request.headers, body: "", at: performance.now() };
      request.setEncoding("utf8").on("data", (part) => (this.latest.body += part));
      if (this.hangs) return;
      const { status, type, headers, body } = this.answer;
      response.writeHead(status, { "content-type": type, "cache-control": "no-store", ...headers });
      if (status === 200 && type === "text/event-stream") {
        const begin = `event: begin\ndata: {}\nid: ${this.idOf(this.#events.length)}\n\n`;
        response.write(`:\nretry: 50\n${id === null ? begin : ""}`);
        this.#streams.add(response);
        response.on("close", () => this.#streams.delete(response));
        const place = id === null ? this.#events.length : Number(/\d+$/.exec(id)[0]);
        for (let number = place + 1; number <= this.#events.length; ++number) this.#send(response, number);
      } else {
        response.end(status === 204 ? undefined : (body ?? "no stream"));
      }
      this.requests.push(id);
      this.#wake();
    } else if (pathname === "/") {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(this.#document);
    } else if ([`/${this.#script}.js`, `/${this.#script}.wasm`, "/share_worker.js"].includes(pathname)) {
      const type = pathname.endsWith(".js") ? "text/javascript" : "application/wasm";
      response.writeHead(200, { "content-type": type }).end(readFileSync(join(this.#folder, pathname)));
    } else if (pathname === "/service_worker.js") {
      response.writeHead(200, { "content-type": "text/javascript" }).end(kServiceWorker);
    } else {
      response.writeHead(200, { "content-type": "text/plain" }).end("elsewhere");
    }
  }
}
