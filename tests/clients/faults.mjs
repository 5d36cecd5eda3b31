// What happens to a client's stream, and what the client had of the channel in the end.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { kPatience, within } from "../browser/deadline.mjs";
import { Server } from "../browser/server.mjs";
import { Cutter } from "./cutter.mjs";

const kToken = "of-the-clients";
export const kRetry = 500; // what the server tells, give or take half
const kDown = 3 * kRetry; // a client tries in vain once at least
const kComesBack = 12_000; // after so long it does not come back any more
const kBefore = 3;
const kBroken = 4; // the event at which it happens
const kMeanwhile = 6; // up to here while the client is away
const kAll = 8;

const textOf = (number) => `${number} ❄ whole`;

// Where the event in question breaks off: within a character of its data, so that no line is whole.
function withinData(bytes) {
  const at = bytes.indexOf(textOf(kBroken));
  return at < 0 ? undefined : at + `${kBroken} `.length + 1;
}
// Behind the line of its id: all that is lacking is the blank line.
function behindId(bytes) {
  const from = bytes.indexOf(textOf(kBroken));
  if (from < 0) return undefined;
  const end = bytes.indexOf("\n\n", from);
  assert.match(bytes.subarray(from, end).toString("latin1"), /\nid: [^\n]+$/, "an event's last line is its id");
  return end + 1;
}

export const kFaults = {
  "FIN in data": { find: withinData, how: "FIN" },
  "FIN behind id": { find: behindId, how: "FIN" },
  "RST in data": { find: withinData, how: "RST" },
  drain: { end: (server) => server.endsWell() },
  kill: { end: (server) => server.kill() },
};

// What a client's adapter says of it, where it is not a program of its own.
async function adapterOf({ adapter }) {
  return adapter?.endsWith(".mjs") ? import(`./adapters/${adapter}`) : {};
}

// A server with a history that outlives it, a way to it that can be cut, and a channel for one client.
class Site {
  #flags;
  #folder = mkdtempSync(join(tmpdir(), "tidings-clients-"));

  static async start(channel, flags) {
    const site = new Site();
    site.channel = channel;
    site.#flags = ["--host", "127.0.0.1", "--data_dir", site.#folder, "--publish_token", kToken,
      "--retry_ms", String(kRetry), "--log_level", "warn", ...flags];
    site.server = await Server.start(0, ...site.#flags);
    site.port = site.server.port;
    site.cutter = await Cutter.to(site.port);
    await site.#openChannel();
    return site;
  }

  // While the server has not looked yet what it keeps of a channel, a stream opens before it has its place, and what is
  // published until then is before that: a client that knows nothing of places would seem to lose it.
  async #openChannel() {
    await this.publish(0); // a channel without an event is forgotten with its last stream
    const abort = new AbortController();
    const { body } = await fetch(`${this.server.url}/channels/${this.channel}`, { signal: abort.signal });
    let text = "";
    for await (const bytes of body) {
      text += Buffer.from(bytes);
      if (text.includes("event: begin")) break;
    }
    abort.abort();
    await this.until("the end of a stream that was left", async () => (await this.metrics()).streams === 0);
    this.bytes = (await this.metrics()).bytes;
  }

  async restart(end) {
    await end(this.server);
    this.server = undefined;
    await new Promise((resolve) => setTimeout(resolve, kDown)); // for so long it is away
    this.server = await Server.start(this.port, ...this.#flags);
  }

  async publish(number, { wrap = (text) => text, type } = {}) {
    await this.post({ data: wrap(textOf(number)), type });
  }
  async post({ data, type }) {
    const url = new URL(`/channels/${this.channel}${type ? `?event=${type}` : ""}`, this.server.url);
    const answer = await fetch(url, { method: "POST", headers: { Authorization: `Bearer ${kToken}` }, body: data });
    assert.equal(answer.status, 200);
  }

  // Streams that are open now, and bytes that have been sent on any. With the first of a stream goes its place.
  async metrics() {
    const text = await (await fetch(new URL("/metrics", this.server.url))).text();
    const of = (name) => Number(new RegExp(`^tidings_${name} (\\d+)$`, "m").exec(text)[1]);
    return { streams: of("streams"), bytes: of("stream_bytes_total") };
  }

  async until(what, isSo, seen = () => "") {
    const start = performance.now();
    while (!(await isSo())) {
      assert.ok(performance.now() - start < kPatience, `Waited ${kPatience} ms for ${what}. ${seen()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async close() {
    await this.cutter?.close();
    await this.server?.endsWell();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

// What a client has told so far.
export class Told {
  events = []; // their texts
  ended; // why it goes on no more, where it says so
  log = ""; // what else was seen
  #waiting = new Set();

  event(text) {
    this.events.push(text);
    this.#wake();
  }
  end(why) {
    this.ended ??= why;
    this.#wake();
  }

  numbers() {
    return this.events.map((text) => (textOf(Number.parseInt(text)) === text ? Number.parseInt(text) : text));
  }

  // Resolves to whether it has told this event, once it has, has ended, or time is up.
  async has(number, patience = kPatience) {
    const isThere = () => this.events.includes(textOf(number));
    const over = new Promise((resolve) => {
      const look = () => (isThere() || this.ended !== undefined) && resolve();
      this.#waiting.add(look);
      look();
    });
    await within(patience, "", over).catch(() => {});
    return isThere();
  }

  #wake() {
    this.#waiting.forEach((look) => look());
  }
}

// In a word or two what was wrong with what it had; undefined where each event came once and in order.
function wrongWith(told) {
  const got = told.numbers();
  const numbers = got.filter((each) => typeof each === "number");
  const first = [...new Set(numbers)];
  const lost = Array.from({ length: kAll }, (_, i) => i + 1).filter((each) => !first.includes(each));
  const isLost = (from, to) => lost.filter((each) => each >= from && each <= to).length === to - from + 1;
  const isGone = isLost(kBroken + 1, kAll);
  const hasNoPlace = !isGone && isLost(kBroken + 1, kMeanwhile);
  // Of a client that does not go on where it was, nobody knows whether it had the event at which it happened.
  const others = isGone || hasNoPlace ? lost.filter((each) => each < kBroken) : lost;
  const strange = got.filter((each) => typeof each !== "number").map((text) => (text === "" ? "an empty event" : `"${text}"`));
  const all = [
    ...(isGone ? ["never back"] : []),
    ...(hasNoPlace ? ["loses what came meanwhile"] : []),
    ...others.map((each) => `loses ${each}`),
    ...first.filter((each) => numbers.indexOf(each) !== numbers.lastIndexOf(each)).map((each) => `doubles ${each}`),
    ...(first.every((each, i) => i === 0 || first[i - 1] < each) ? [] : ["out of order"]),
    ...strange.map((each) => `gives ${each}`),
  ];
  return all.length === 0 ? undefined : all.join(", ");
}

// Resolves to what was wrong, after how many milliseconds the client was back, and what it told.
export async function meet(client, place, fault) {
  const site = await Site.start("of-one-client", place.flags ?? []);
  const told = new Told();
  let close;
  try {
    const isOf = fault.find ? site.cutter.url : site.server.url;
    close = await place.open(client, { url: isOf, path: `/channels/${site.channel}`, told });
    const hasBegun = async () => (({ streams, bytes }) => streams === 1 && bytes > site.bytes)(await site.metrics());
    await site.until(`a stream of ${client.name} that has begun`, hasBegun, () => told.log);
    const { publishes: options, before } = await adapterOf(client);
    if (before) await site.post(before);
    for (let number = 1; number <= kBefore; ++number) await site.publish(number, options);
    assert.ok(await told.has(kBefore), `It has ${JSON.stringify(told.events)} of ${kBefore}: ${told.ended} ${told.log}`);
    if (fault.find) {
      const cut = site.cutter.cut(fault.find, fault.how);
      await site.publish(kBroken, options);
      await within(kPatience, "the cut", cut);
    } else {
      await site.publish(kBroken, options);
      await site.restart(fault.end);
    }
    const start = performance.now();
    for (let number = kBroken + 1; number <= kMeanwhile; ++number) await site.publish(number, options);
    const goesOn = await told.has(kMeanwhile, kComesBack);
    const back = performance.now() - start;
    if (told.ended === undefined) {
      for (let number = kMeanwhile + 1; number <= kAll; ++number) await site.publish(number, options);
      await told.has(kAll, goesOn ? kPatience : kRetry);
      if (goesOn) await site.until("the end of streams that it does not need", async () => (await site.metrics()).streams === 1);
    }
    return { wrong: wrongWith(told), back: goesOn ? back : undefined, told };
  } finally {
    await close?.();
    await site.close();
  }
}
