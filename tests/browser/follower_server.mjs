// A server for the page of follower.cc whose event stream does what the test says: /stream answers each request by what
// `answer` is then, keeps what it has published, and goes on behind the id that is asked for, else from a `begin` on. The
// form of the stream is that of our server (docs/EVENT_STREAM.md).
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

// The list and its wake-up are there before the page's own script is.
const kPage = `<!doctype html><meta charset="utf-8"><title>Follower</title><link rel="icon" href="data:,">
<script>tidingsSeen = []; tidingsWake = () => {};</script><script src="/follower.js"></script>`;

export class FollowerServer {
  requests = []; // of streams: the id that each asks for
  answer = { status: 200, type: "text/event-stream" };
  idOf = (number) => `${number}`; // of that event, of which the last digits are the number
  #events = [];
  #folder;
  #streams = new Set();
  #wake = () => {};
  #server = createServer((request, response) => this.#take(request, response));

  static async start(folder) {
    const server = new FollowerServer();
    server.#folder = folder;
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
  // Ends the open streams, soon to be asked for again.
  cut() {
    this.#streams.forEach((response) => response.end());
    this.#streams.clear();
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
      const { status, type } = this.answer;
      response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
      if (status === 200 && type === "text/event-stream") {
        const begin = `event: begin\ndata: {}\nid: ${this.idOf(this.#events.length)}\n\n`;
        response.write(`:\nretry: 50\n${id === null ? begin : ""}`);
        this.#streams.add(response);
        response.on("close", () => this.#streams.delete(response));
        const place = id === null ? this.#events.length : Number(/\d+$/.exec(id)[0]);
        for (let number = place + 1; number <= this.#events.length; ++number) this.#send(response, number);
      } else {
        response.end("no stream");
      }
      this.requests.push(id);
      this.#wake();
    } else if (pathname === "/") {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(kPage);
    } else if (["/follower.js", "/follower.wasm", "/share_worker.js"].includes(pathname)) {
      const type = pathname.endsWith(".js") ? "text/javascript" : "application/wasm";
      response.writeHead(200, { "content-type": type }).end(readFileSync(join(this.#folder, pathname)));
    } else {
      response.writeHead(200, { "content-type": "text/plain" }).end("elsewhere");
    }
  }
}
