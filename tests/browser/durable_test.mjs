// A server that keeps its history in a folder is killed, or stopped, and started again, in the browser that
// TIDINGS_BROWSER names: whoever follows a channel gets every event once and in order, and hears of no gap.
// run.mjs sets the variables and counts.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";

import { ChannelView } from "./channel_view.mjs";
import { Server } from "./server.mjs";
import { useSite } from "./site.mjs";

const kBrowser = process.env.TIDINGS_BROWSER;
const kEnds = { "kill -9": (server) => server.kill(), "a clean stop": (server) => server.endsWell() };

const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => String(from + i));

describe(`A server that comes back with its history, in ${kBrowser}`, { timeout: 200_000 }, () => {
  let folder;
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const site = useSite();

  const start = (port) => Server.start(port, "--data_dir", folder, "--retry_ms", "500", "--open_channel", "demo",
    "--open_channel", "other");

  beforeEach(async () => {
    folder = mkdtempSync(join(process.env.TEST_TMPDIR ?? tmpdir(), "tidings-durable-"));
    await site.server.endsWell();
    site.server = await start(0);
  });

  async function restart(end) {
    const { port } = site.server;
    await end(site.server);
    site.server = await start(port);
  }

  // Resolves to the ids.
  async function publish(texts, channel) {
    const ids = [];
    for (const text of texts) ids.push(await site.server.publish(text, channel));
    return ids;
  }

  for (const [name, end] of Object.entries(kEnds)) {
    it(`leaves the page without a gap after ${name}, twice`, async () => {
      const view = await ChannelView.open(await site.newPage(), site.server.url);
      const ids = [];
      for (const first of [1, 7]) {
        ids.push(...(await publish(numbers(first, first + 1))));
        await view.newest(String(first + 1));
        ids.push(...(await publish(numbers(first + 2, first + 3)))); // the page may have these, or not yet
        await restart(end);
        ids.push(...(await publish(numbers(first + 4, first + 5)))); // before it is back
        const { entries } = await view.newest(String(first + 5));
        assert.deepEqual(entries.map(({ text }) => text), numbers(1, first + 5).toReversed());
        assert.deepEqual(entries.map(({ small }) => small), ids.toReversed());
        assert.ok(entries.every(({ isNotice }) => !isNotice));
      }
    });

    it(`leaves a page without a gap that had no event yet before ${name}`, async () => {
      const view = await ChannelView.open(await site.newPage(), site.server.url);
      await restart(end);
      await publish(["1", "2"]);
      const { entries } = await view.newest("2");
      assert.deepEqual(entries.map(({ isNotice, text }) => isNotice || text), ["2", "1"]);
    });

    it(`leaves the browser's own EventSource of two channels without a gap after ${name}`, async () => {
      const page = await site.newPage();
      await page.goto(new URL("/healthz", site.server.url).href); // the server's origin, on a page without anything
      await page.evaluate(() => {
        globalThis.seen = [];
        globalThis.source = new EventSource("/channels?name=demo&name=other");
        for (const type of ["demo", "other", "gap", "begin"]) {
          source.addEventListener(type, ({ data }) => seen.push(`${type} ${type === "gap" || data}`));
        }
        return new Promise((resolve) => (source.onopen = resolve));
      });
      await page.waitForFunction(() => seen.length === 1);
      await publish(["1", "2"]);
      await publish(["3", "4"], "other"); // the browser may have these, or not yet
      await restart(end);
      await publish(["5"]);
      await publish(["6"], "other");
      await page.waitForFunction(() => seen.includes("demo 5") && seen.includes("other 6"));
      const all = await page.evaluate(() => seen);
      const of = (channel) => all.filter((each) => each.startsWith(channel));
      assert.deepEqual(of("demo"), ["demo 1", "demo 2", "demo 5"]);
      assert.deepEqual(of("other"), ["other 3", "other 4", "other 6"]);
      assert.equal(all.length, 7, "there is `begin` beside them, once, and no gap");
    });
  }
});
