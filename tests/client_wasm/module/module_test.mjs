// The package for JavaScript as npm unpacks it, against the real server: node module_test.mjs SERVER PACKAGE EXAMPLE
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";

import { kPatience, within } from "../../browser/deadline.mjs";
import { Gauge } from "../../browser/gauge.mjs";
import { Server } from "../../browser/server.mjs";

const [program, archive, example] = process.argv.slice(2).map((path) => resolve(path));
process.env.TIDINGS_SERVER = program;

const once = (source, type) =>
  within(kPatience, `the event ${type}`, new Promise((done) => source.addEventListener(type, done, { once: true })));

describe("The package for JavaScript", { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(process.env.TEST_TMPDIR ?? tmpdir(), "tidings-module-"));
  let EventSource, server;
  const start = (port = 0) => Server.start(port, ...["demo", "news", "paused"].flatMap((name) => ["--open_channel", name]));

  before(async () => {
    const modules = join(folder, "node_modules", "tidings-client");
    mkdirSync(modules, { recursive: true });
    execFileSync("tar", ["--extract", "--strip-components=1", `--directory=${modules}`, `--file=${archive}`]);
    ({ EventSource } = await import(pathToFileURL(join(modules, "index.mjs"))));
    server = await start();
  });
  after(async () => {
    await server?.endsWell();
    rmSync(folder, { recursive: true });
  });

  it("is an EventSource", async () => {
    const source = new EventSource(new URL("/channels/demo", server.url));
    assert.equal(source.readyState, EventSource.CONNECTING);
    const begin = once(source, "begin");
    await once(source, "open");
    assert.equal(source.readyState, source.OPEN);
    const place = (await begin).lastEventId;
    const seen = [];
    source.onmessage = function ({ data, lastEventId, origin, type }) {
      assert.equal(this, source);
      seen.push([type, data, lastEventId, origin]);
    };
    const texts = ["hello", "\u{1F4F0}", "two\nlines", "x".repeat(300_000)];
    const ids = [];
    for (const text of texts) {
      const message = once(source, "message");
      ids.push(await server.publish(text));
      await message;
    }
    const { origin } = new URL(server.url);
    assert.deepEqual(seen, texts.map((text, i) => ["message", text, ids[i], origin]));
    source.close();
    assert.deepEqual([source.readyState, source.state, source.reason], [EventSource.CLOSED, "closed", "closed"]);

    const later = new EventSource(new URL("/channels/demo", server.url), { lastEventId: place });
    assert.equal((await once(later, "message")).data, "hello");
    later.close();
  });

  it("tells the status and the sentence of a refusal", async () => {
    const source = new EventSource(new URL("/channels/no%20name", server.url));
    source.onopen = source.onmessage = () => assert.fail();
    await once(source, "error");
    assert.deepEqual([source.readyState, source.reason, source.status], [EventSource.CLOSED, "refused", 400]);
    assert.match(source.problem, /1 to 128/);
  });

  it("says at once what can't be asked for", () => {
    assert.throws(() => new EventSource("no url"), { name: "SyntaxError" });
    assert.throws(() => new EventSource(server.url, { headers: { "no name": "x" } }), TypeError);
    assert.throws(() => new EventSource(server.url, { method: "TRACE" }), { name: "SyntaxError" });
  });

  it("dispatches nothing while it is paused", async () => {
    const source = new EventSource(new URL("/channels/paused", server.url));
    await once(source, "begin").then(() => source.pause());
    const seen = [];
    source.onmessage = ({ data }) => seen.push(data);
    await server.publish("a", "paused");
    await server.publish("b", "paused");
    assert.deepEqual(seen, []);
    const message = once(source, "message");
    source.resume();
    await message;
    assert.equal(seen[0], "a");
    source.close();
  });

  it("comes back when its server does", async () => {
    const source = new EventSource(new URL("/events?interval_ms=10", server.url));
    await once(source, "message");
    const { port } = server;
    const error = once(source, "error");
    await server.endsWell();
    await error;
    assert.equal(source.state, "waiting");
    server = await start(port);
    await once(source, "message");
    source.close();
  });

  it("has an example that follows a channel", async () => {
    const script = join(folder, "follow.mjs");
    copyFileSync(example, script);
    const streams = new Gauge(server.url, "tidings_streams");
    await streams.becomes(0);
    const child = spawn(process.execPath, [script, new URL("/channels/news", server.url).href]);
    try {
      const line = new Promise((done) => createInterface({ input: child.stdout }).once("line", done));
      await streams.becomes(1);
      await server.publish("It rains", "news");
      assert.equal(await within(kPatience, "a line", line), "It rains");
    } finally {
      child.kill();
      streams.close();
    }
  });
});
