// A server for one case of the conformance table a path: GET /N is an event stream of the bytes of case N and ends. What
// a client's next request says is the last event ID it came to and when it came back; 204 tells it to stop.
// The bytes are sent at once, or each by itself.
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

// What a connection before the case's own leaves behind: the id (with an event nobody listens for, as Firefox forgets an
// id without data), a short wait, and a block that was not finished.
const leftBehind = (id) =>
  `retry: 1\nid: ${id}\nevent: connection before\ndata\n\nid: unfinished\nevent: unfinished\ndata: unfinished\n`;

const kHead = { "content-type": "text/event-stream", "cache-control": "no-store" };

export class EventStreamServer {
  #cases;
  #isByteByByte;
  // Idle connections are kept until all clients have come back.
  #server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => this.#answer(request, response));
  #visits; // for each case: what has been seen of its client

  static async start(cases, isByteByByte) {
    const server = new EventStreamServer(cases, isByteByByte);
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  constructor(cases, isByteByByte) {
    this.#cases = cases;
    this.#isByteByByte = isByteByByte;
    this.#visits = cases.map(() => ({}));
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}/`;
  }

  // { ended, back, lastEventId } of case `index`: times in milliseconds, the latter two undefined if it has not come
  // back. The id is as the header brings it, "" without one.
  visit(index) {
    return this.#visits[index];
  }

  close() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(request, response) {
    if (request.url === "/") {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      response.end("<!doctype html><title>Event streams</title><link rel=icon href=data:,>");
      return;
    }
    const index = Number(request.url.slice(1));
    const { bytes, starting_last_event_id: start } = this.#cases[index] ?? {};
    if (!bytes) {
      response.writeHead(404).end();
      return;
    }
    const visit = this.#visits[index];
    const lastEventId = Buffer.from(request.headers["last-event-id"] ?? "", "latin1").toString();
    const stream = (body) => response.writeHead(200, kHead).end(body);
    if (visit.ended !== undefined) {
      visit.back ??= performance.now();
      visit.lastEventId ??= lastEventId;
      response.writeHead(204).end();
    } else if (start !== undefined && !visit.prepared) {
      visit.prepared = true;
      stream(leftBehind(start));
    } else if (this.#isByteByByte) {
      this.#sendByteByByte(response, bytes, visit);
    } else {
      visit.ended = performance.now();
      stream(bytes);
    }
  }

  async #sendByteByByte(response, bytes, visit) {
    response.socket.setNoDelay();
    response.writeHead(200, kHead).flushHeaders();
    for (const byte of bytes) {
      await pause(1); // so that it is read by itself
      response.write(Buffer.of(byte));
    }
    visit.ended = performance.now();
    response.end();
  }
}
