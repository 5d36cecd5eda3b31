// What holds behind every proxy of deploy/, with the real one that TIDINGS_PROXY names in front of the server that
// TIDINGS_SERVER is. run.mjs sets them and counts.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";

import { launch } from "../browser/browsers.mjs";
import { ChannelView } from "../browser/channel_view.mjs";
import { kPatience, within } from "../browser/deadline.mjs";
import { Server } from "../browser/server.mjs";
import { kProxies } from "./proxies.mjs";
import { Proxy } from "./proxy.mjs";
import { ask, Connection, Follower } from "./streams.mjs";

const kName = process.env.TIDINGS_PROXY;
const kKind = kProxies[kName];
const kToken = "of-the-checks";
const kStreamsOfAClient = 24;
const kPath = "/channels/news";

describe(`Behind ${kName}`, { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "tidings-socket-"));
  const options = kKind.isUnix ? { unixSocket: join(folder, "socket") } : {};
  let browser, proxy, server;

  before(async () => {
    const place = kKind.isUnix ? ["--listen", `unix:${options.unixSocket}`, "--trusted_proxy", "unix"] : [];
    server = await Server.start(0, ...place, "--trusted_proxy", "127.0.0.1", "--publish_token", kToken,
      "--max_streams_per_client", String(kStreamsOfAClient));
    proxy = await Proxy.start(kName, server.url, options);
    browser = await launch("chromium", { acceptInsecureCerts: true });
  });

  after(async () => {
    await browser?.close();
    await proxy?.stop();
    await server?.endsWell();
    rmSync(folder, { recursive: true });
  });

  // Past the proxy.
  async function publish(data, path = kPath) {
    const headers = { Authorization: `Bearer ${kToken}` };
    const answer = await fetch(new URL(path, server.url), { method: "POST", headers, body: data });
    assert.equal(answer.status, 200);
  }
  async function openStreams() {
    const text = await (await fetch(new URL("/metrics", server.url))).text();
    return Number(/^tidings_streams (\d+)$/m.exec(text)[1]);
  }
  // Resolves once the server has no stream more than these, to how many events it has sent until then.
  async function leftBy(count, { isQuiet }) {
    const start = performance.now();
    let published = 0;
    while ((await openStreams()) > count) {
      assert.ok(performance.now() - start < kPatience, `a stream whose client has left is open after ${published} events`);
      if (!isQuiet) {
        for (const path of [kPath, "/channels/demo"]) await publish("is anybody there", path);
        published += 1;
      }
    }
    return published;
  }
  const numbers = (events) => events.filter(({ data }) => /^\d+$/.test(data)).map(({ data }) => Number(data));
  const upTo = (first, last) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

  afterEach(() => leftBy(0, { isQuiet: false }));

  for (const isHttp1 of kKind.isHttp1 ? [true] : [false, true]) {
    const protocol = isHttp1 ? "HTTP/1.1" : "HTTP/2";

    it(`passes the first event on at once, and each further one as it comes, over ${protocol}`, async () => {
      const start = performance.now();
      const follower = await Follower.open(proxy, kPath, { isHttp1 });
      await follower.until("the first event", ({ length }) => length > 0);
      assert.ok(performance.now() - start < 1000, `${performance.now() - start} ms`);
      const late = [];
      for (const number of upTo(1, 11)) {
        const published = performance.now();
        await publish(String(number));
        await follower.until(`event ${number}`, (events) => numbers(events).includes(number));
        late.push(performance.now() - published);
      }
      late.sort((a, b) => a - b);
      assert.ok(late[5] < 100, `half of the events came after ${late[5]} ms: small writes are held back`);
      follower.close();
    });

    it(`loses nothing to a client that comes back, over ${protocol}`, async () => {
      const first = await Follower.open(proxy, kPath, { isHttp1 });
      await publish("1");
      await first.until("event 1", (events) => numbers(events).includes(1));
      first.close();
      for (const number of upTo(2, 11)) await publish(String(number));
      const start = performance.now();
      const second = await Follower.open(proxy, kPath, { isHttp1, fields: { "Last-Event-ID": first.id } });
      await second.until("all that it has missed", (events) => numbers(events).length >= 10);
      assert.ok(performance.now() - start < 2000, `${performance.now() - start} ms`);
      await publish("12");
      await second.until("event 12", (events) => numbers(events).includes(12));
      assert.deepEqual(numbers(second.events), upTo(2, 12));
      second.close();
    });

    const whatItDoes = kKind.compresses ? "compresses streams too" : "leaves streams alone";
    it(`with compression ${whatItDoes}, and holds nothing back, over ${protocol}`, async () => {
      const compressing = await Proxy.start(kName, server.url, { ...options, isCompressing: true });
      try {
        const fields = { "Accept-Encoding": "gzip" };
        const connection = new Connection(compressing.port, { isHttp1 });
        const { head, body } = await connection.request("GET", "/metrics", fields);
        body.destroy();
        connection.close();
        assert.equal(head["content-encoding"], "gzip", "compression is switched on");
        const follower = await Follower.open(compressing, kPath, { isHttp1, fields });
        assert.equal(follower.head["content-encoding"] === "gzip", kKind.compresses ?? false);
        for (const number of upTo(1, 5)) {
          const start = performance.now();
          await publish(String(number));
          await follower.until(`event ${number}`, (events) => numbers(events).includes(number));
          assert.ok(performance.now() - start < 1000, `${performance.now() - start} ms`);
        }
        follower.close();
        await leftBy(0, { isQuiet: false });
      } finally {
        await compressing.stop();
      }
    });
  }

  it(`lets the server see ${kKind.leaving} that a client has left`, async () => {
    const follower = await Follower.open(proxy, kPath);
    await follower.until("the first event", ({ length }) => length > 0);
    assert.equal(await openStreams(), 1);
    follower.close();
    const isQuiet = kKind.leaving === "at once";
    const published = await leftBy(0, { isQuiet });
    if (!isQuiet) assert.ok(published > 0, "it was seen at once: say so");
  });

  it("says who the client is, whatever that says itself", async () => {
    const open = async (number) => {
      const address = `203.0.113.${number}`;
      const connection = new Connection(proxy.port, kKind);
      const fields = { "X-Forwarded-For": address, Forwarded: `for=${address}`, "X-Real-IP": address };
      const { status, body } = await connection.request("GET", kPath, fields);
      return { status, close: () => [body.destroy(), connection.close()] };
    };
    const streams = await Promise.all(upTo(1, kStreamsOfAClient).map(open));
    try {
      assert.deepEqual(streams.map(({ status }) => status), streams.map(() => 200));
      streams.push(await open(200));
      assert.equal(streams.at(-1).status, 503, "one client has more streams than one may have");
      const other = await fetch(new URL(kPath, server.url), { headers: { "X-Forwarded-For": "203.0.113.1" } });
      assert.equal(other.status, 200, "another client is held to the limit of the first");
      await other.body.cancel();
    } finally {
      streams.forEach(({ close }) => close());
    }
  });

  it("lets a page of its own origin publish, and no other", async () => {
    const connection = new Connection(proxy.port, kKind);
    const { port } = new URL(proxy.url);
    const publishFrom = async (origin, fields = {}) => {
      const all = { Origin: origin, "Content-Type": "text/plain", ...fields };
      return (await ask(connection, "POST", "/channels/demo", all, "hello")).status;
    };
    assert.equal(await publishFrom(`https://localhost:${port}`), 200);
    assert.equal(await publishFrom(`http://localhost:${port}`), 403);
    assert.equal(await publishFrom("https://evil.example", { "X-Forwarded-Host": "evil.example" }), 403);
    assert.equal(await publishFrom("https://evil.example", { Forwarded: "for=127.0.0.2;host=evil.example" }), 403);
    connection.close();
  });

  it(`carries ${kKind.browserStreams} streams of one page in Chromium`, async () => {
    const page = await browser.newPage();
    try {
      await page.goto(new URL("/healthz", proxy.url).href);
      const protocol = await page.evaluate(() => performance.getEntriesByType("navigation")[0].nextHopProtocol);
      assert.equal(protocol, kKind.isHttp1 ? "http/1.1" : "h2");
      await page.evaluate((path, count) => {
        globalThis.sources = Array.from({ length: count }, () => new EventSource(path));
        globalThis.got = sources.map((source) => new Promise((resolve) => (source.onmessage = ({ data }) => resolve(data))));
        globalThis.opened = Promise.all(sources.map((source) => new Promise((resolve) => (source.onopen = resolve))));
      }, kPath, kKind.browserStreams);
      await within(kPatience, "all streams", page.evaluate(() => opened.then(() => true)));
      await publish("to all");
      const got = await within(kPatience, "an event on each", page.evaluate(() => Promise.all(got)));
      assert.deepEqual(got, got.map(() => "to all"));
      assert.equal(await openStreams(), kKind.browserStreams);
    } finally {
      await page.close();
    }
  });

  it("serves the page, which publishes", async () => {
    const page = await browser.newPage();
    try {
      const view = await ChannelView.open(page, proxy.url);
      await view.publish("by the page");
      const { entries } = await view.entries(1);
      assert.equal(entries[0].text, "by the page");
    } finally {
      await page.close();
    }
  });

  it("loses nothing and sends nothing twice while it is reloaded", async () => {
    const followers = await Promise.all(upTo(1, 4).map(() => Follower.open(proxy, kPath)));
    for (const follower of followers) await follower.until("the first event", ({ length }) => length > 0);
    for (const number of upTo(1, 60)) {
      if (number % 20 === 10) await proxy.reload();
      await publish(String(number));
    }
    for (const follower of followers) {
      await follower.until("event 60", (events) => numbers(events).includes(60));
      assert.deepEqual(numbers(follower.events), upTo(1, 60));
    }
    const later = await Follower.open(proxy, kPath);
    await publish("61");
    await later.until("event 61", (events) => numbers(events).includes(61));
    [...followers, later].forEach((follower) => follower.close());
  });
});
