// A page that loses its connection to a server that lives on, in the browser that TIDINGS_BROWSER names: what was
// published meanwhile comes afterwards, once and in order, and what the server no longer has is told as a gap.
// run.mjs sets the variables and counts.
import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";

import { ChannelView } from "./channel_view.mjs";
import { Proxy } from "./proxy.mjs";
import { Server } from "./server.mjs";
import { useSite } from "./site.mjs";

const kBrowser = process.env.TIDINGS_BROWSER;
const kKept = 3; // events, of a short history

const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => String(from + i));
const newestFirst = (from, to) => numbers(from, to).reverse();

describe(`A page that comes back, in ${kBrowser}`, { timeout: 200_000 }, () => {
  let proxy, view;
  afterEach(() => proxy?.cut());
  const site = useSite();

  async function open() {
    proxy = await Proxy.to(site.server.url);
    view = await ChannelView.open(await site.newPage(), proxy.url);
  }

  // Past the proxy, in order. Resolves to the ids.
  async function publish(texts) {
    const ids = [];
    for (const text of texts) ids.push(await site.server.publish(text));
    return ids;
  }

  it("gets exactly once and in order what was published while it was cut off, however often", async () => {
    await open();
    const ids = await publish(["1", "2"]);
    await view.newest("2");
    for (const [from, to] of [[3, 5], [6, 6]]) {
      await proxy.cut();
      await view.is("reconnecting");
      ids.push(...(await publish(numbers(from, to))));
      await proxy.mend();
      const { entries } = await view.newest(String(to));
      assert.deepEqual(entries.map(({ text }) => text), newestFirst(1, to));
      assert.deepEqual(entries.map(({ small }) => small), ids.toReversed());
      assert.ok(entries.every(({ isNotice }) => !isNotice));
    }
    await publish(["7"]);
    const { entries } = await view.newest("7");
    assert.deepEqual(entries.map(({ text }) => text), newestFirst(1, 7), "nothing comes late a second time");
  });

  it(`shows a gap where the ${kKept} events that are kept are not all that it missed`, async () => {
    await site.server.endsWell();
    site.server = await Server.start(0, "--history_events", String(kKept));
    await open();
    await publish(["1", "2"]);
    await view.newest("2");
    await proxy.cut();
    await view.is("reconnecting");
    const missed = await publish(numbers(3, 8));
    await proxy.mend();
    const { entries } = await view.newest("8");
    const [gap] = entries.splice(kKept, 1);
    assert.deepEqual(entries.map(({ text }) => text), [...newestFirst(9 - kKept, 8), "2", "1"]);
    assert.match(gap.text, /^Some events are gone: /);
    assert.deepEqual([gap.isNotice, gap.small], [true, missed.at(-1 - kKept)], "the id of the last that is gone");
  });

  it("gets what is published before its first event, while it is cut off", async () => {
    await open();
    await proxy.cut();
    await view.is("reconnecting");
    await publish(["1", "2"]);
    await proxy.mend();
    const { entries } = await view.newest("2");
    assert.deepEqual(entries.map(({ text }) => text), newestFirst(1, 2));
    assert.ok(entries.every(({ isNotice }) => !isNotice));
  });

  it("is told once of what a restart has lost, however often it is cut off afterwards", async () => {
    await open();
    await publish(["before"]);
    await view.newest("before");
    await site.server.endsWell();
    site.server = await Server.start(site.server.port);
    await view.entries(2);
    for (let cuts = 0; cuts < 3; ++cuts) {
      await proxy.cut();
      await view.is("reconnecting");
      await proxy.mend();
      await view.is("open");
    }
    await publish(["after"]);
    const { entries } = await view.newest("after");
    assert.deepEqual(entries.map(({ isNotice, text }) => isNotice || text), ["after", true, "before"]);
  });

  it("misses nothing before its first event of several channels by the browser's own EventSource", async () => {
    proxy = await Proxy.to(site.server.url);
    const page = await site.newPage();
    await page.goto(new URL("/healthz", proxy.url).href); // the proxy's origin, on a page without anything
    await page.evaluate(() => {
      globalThis.seen = [];
      globalThis.source = new EventSource("/channels?name=demo&name=other");
      source.addEventListener("demo", ({ data }) => seen.push(data));
      return new Promise((resolve) => (source.onopen = resolve));
    });
    await proxy.cut();
    await page.waitForFunction(() => source.readyState === EventSource.CONNECTING);
    await publish(["1", "2"]);
    await proxy.mend();
    await page.waitForFunction(() => seen.length >= 2);
    assert.deepEqual(await page.evaluate(() => seen), ["1", "2"]);
  });
});
