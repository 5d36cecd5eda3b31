// Event streams over HTTP/2 or, where a proxy has none, over HTTP/1.1 with TLS, as a client that is no browser: it says what
// it likes, comes from the address that it likes, and sees when bytes come.
import { connect as connectHttp2 } from "node:http2";
import { request as requestHttp1 } from "node:https";
import { pipeline } from "node:stream";
import { connect as connectTls } from "node:tls";
import { constants, createGunzip } from "node:zlib";

import { kPatience, within } from "../browser/deadline.mjs";

// Another address of this machine than the one that proxies have, and than the one that is trusted.
export const kFar = "127.0.0.2";

// A body as text, as it comes.
function asText(head, body) {
  if (head["content-encoding"] !== "gzip") return body.setEncoding("utf8");
  const text = createGunzip({ flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH });
  return pipeline(body, text, () => {}).setEncoding("utf8");
}

// One connection of HTTP/2, or as many of HTTP/1.1 as there are requests.
export class Connection {
  #session;
  #where;

  constructor(port, { isHttp1 = false } = {}) {
    this.#where = { host: "127.0.0.1", port, localAddress: kFar, rejectUnauthorized: false, servername: "localhost" };
    if (isHttp1) return;
    this.#session = connectHttp2(`https://localhost:${port}`, {
      createConnection: () => connectTls({ ...this.#where, ALPNProtocols: ["h2"] }),
    });
    this.#session.on("error", () => {}); // each stream tells of it
  }

  // Resolves to { status, head, body }, the body a stream of text that can be destroyed.
  async request(method, path, fields = {}, content) {
    const answered = this.#session ? this.#ask2(method, path, fields, content) : this.#ask1(method, path, fields, content);
    return within(kPatience, `an answer to ${method} ${path}`, answered);
  }

  close() {
    this.#session?.destroy();
  }

  #ask2(method, path, fields, content) {
    return new Promise((resolve, reject) => {
      const lower = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]));
      const body = this.#session.request({ ":method": method, ":path": path, ...lower }, { endStream: content === undefined });
      body.on("error", reject).on("response", (head) => resolve({ status: head[":status"], head, body: asText(head, body) }));
      body.on("close", () => reject(new Error("the stream was closed")));
      if (content !== undefined) body.end(content);
    });
  }

  #ask1(method, path, fields, content) {
    return new Promise((resolve, reject) => {
      const { servername, ...where } = this.#where;
      const headers = { Host: `${servername}:${where.port}`, ...fields };
      const request = requestHttp1({ ...where, servername, method, path, headers, agent: false }, (body) => {
        body.on("error", () => {});
        resolve({ status: body.statusCode, head: body.headers, body: asText(body.headers, body) });
      });
      request.on("error", reject);
      request.end(content);
    });
  }
}

// A whole answer.
export async function ask(connection, ...request) {
  const { status, body } = await connection.request(...request);
  let text = "";
  for await (const part of body) text += part;
  return { status, text };
}

// A stream that comes back, as EventSource does: where it was, at once, on a connection of its own.
export class Follower {
  events = []; // { type, data, id, at }
  breaks = 0;
  head; // of the answer
  #body;
  #connection;
  #id;
  #isClosed = false;
  #kind;
  #path;
  #proxy;
  #waiting = new Set();

  // Resolves once it is open. Given a connection, it shares that until it comes back. It speaks HTTP/2 where the proxy does,
  // unless it is told otherwise.
  static async open(proxy, path = "/channels/demo", { connection, fields = {}, isHttp1 = proxy.kind.isHttp1 } = {}) {
    const follower = new Follower();
    follower.#proxy = proxy;
    follower.#kind = { isHttp1 };
    follower.#path = path;
    await follower.#open(connection, fields);
    return follower;
  }

  get id() {
    return this.#id;
  }

  // Resolves to the events once there are so many, or these.
  async until(what, isThere) {
    if (isThere(this.events)) return this.events;
    const there = new Promise((resolve) => {
      const look = () => isThere(this.events) && (this.#waiting.delete(look), resolve());
      this.#waiting.add(look);
    });
    await within(kPatience, () => `${what}; there is ${JSON.stringify(this.events.slice(-3))}`, there);
    return this.events;
  }

  // As a client that is gone.
  close() {
    this.#isClosed = true;
    this.#body.destroy();
    this.#connection?.close();
  }

  async #open(shared, fields) {
    this.#connection = shared ? undefined : new Connection(this.#proxy.port, this.#kind);
    const from = this.#id === undefined ? {} : { "Last-Event-ID": this.#id };
    const answer = await (shared ?? this.#connection).request("GET", this.#path, { ...fields, ...from });
    if (answer.status !== 200) {
      answer.body.destroy();
      this.#connection?.close();
      throw new Error(`the stream was refused with ${answer.status}`);
    }
    this.head = answer.head;
    this.#body = answer.body;
    this.#read(answer.body);
    answer.body.on("close", () => this.#comeBack());
  }

  async #comeBack() {
    this.#connection?.close();
    if (this.#isClosed) return;
    this.breaks += 1;
    for (let tries = 0; !this.#isClosed; ++tries) {
      try {
        return await this.#open(undefined, {});
      } catch (error) {
        if (tries === 100) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20)); // a proxy may be between two of its workers
      }
    }
  }

  #read(body) {
    let text = "";
    body.on("data", (part) => {
      text += part;
      for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) this.#take(text.slice(0, end));
    });
  }

  #take(block) {
    const event = { type: "message", data: [], id: undefined, at: performance.now() };
    for (const line of block.split("\n")) {
      const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
      if (name === "event") event.type = value;
      if (name === "data") event.data.push(value);
      if (name === "id") event.id = value;
    }
    if (event.data.length === 0) return;
    this.#id = event.id ?? this.#id;
    this.events.push({ ...event, data: event.data.join("\n") });
    this.#waiting.forEach((look) => look());
  }
}
