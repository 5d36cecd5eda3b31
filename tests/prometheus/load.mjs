// Clients of a server: those that stay, one that reads nothing, and rounds of others that come, are refused and go.
import assert from "node:assert/strict";
import { once } from "node:events";
import { get } from "node:http";
import { connect } from "node:net";

import { kPatience, within } from "../browser/deadline.mjs";

const kLarge = "x".repeat(1_000_000); // a publication's bytes may be a MiB

export class Load {
  #open = new Set();
  #published = 0;
  #server;
  #token;

  constructor(server, token) {
    this.#server = server;
    this.#token = token;
  }

  // A stream that reads what comes until it is closed; one that was refused is closed already. { status, close }.
  async follow(path) {
    const request = get(new URL(path, this.#server.url), { agent: false });
    request.on("error", () => {}); // it may be closed before it is answered
    this.#open.add(request);
    const close = () => (request.destroy(), this.#open.delete(request));
    const [answer] = await within(kPatience, `an answer to GET ${path}`, once(request, "response"));
    answer.on("error", () => {}).resume();
    if (answer.statusCode !== 200) close();
    return { status: answer.statusCode, close };
  }

  // A stream of a channel that takes no byte, once the server has seen that it takes no more.
  async stall(channel, isBlocked) {
    const socket = connect(this.#server.port, "localhost");
    this.#open.add(socket);
    await within(kPatience, "a connection", once(socket, "connect"));
    socket.on("error", () => {}).pause();
    socket.write(`GET /channels/${channel} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    for (const start = performance.now(); !(await isBlocked()); ) {
      assert.ok(performance.now() - start < kPatience, "a stream whose client reads nothing goes on taking events");
      assert.equal(await this.publish(channel, kLarge), 200);
    }
  }

  // Resolves to the status.
  async publish(channel, data) {
    const headers = { Authorization: `Bearer ${this.#token}` };
    const url = new URL(`/channels/${channel}`, this.#server.url);
    const answer = await fetch(url, { method: "POST", headers, body: data });
    await answer.text();
    return answer.status;
  }

  // Events for those who follow, a client that has missed some, one more than there may be beside `free` others, and one
  // whose request is none.
  async round(channel, free) {
    for (let i = 0; i < 3; ++i) assert.equal(await this.publish(channel, String((this.#published += 1))), 200);
    const path = `/channels/${channel}?last_event_id=of-another-time`;
    const streams = await Promise.all(Array.from({ length: free + 1 }, () => this.follow(path)));
    streams.forEach(({ close }) => close());
    const socket = connect(this.#server.port, "localhost").on("error", () => {});
    socket.end("this is no request\r\n\r\n");
    socket.resume();
    await within(kPatience, "the end of a connection whose request is none", once(socket, "close"));
    return streams.map(({ status }) => status);
  }

  close() {
    this.#open.forEach((each) => each.destroy());
  }
}
