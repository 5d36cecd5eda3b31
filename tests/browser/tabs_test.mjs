// The page in several tabs of the browser that TIDINGS_BROWSER names: they share the page's two streams, for browsers
// allow six connections to a server, all tabs together. run.mjs sets the variables and counts.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";

import { kNamedHost } from "./browsers.mjs";
import { ChannelView } from "./channel_view.mjs";
import { Gauge } from "./gauge.mjs";
import { Server } from "./server.mjs";
import { Shown } from "./shown.mjs";
import { itIfWellDriven, useSite } from "./site.mjs";

const kBrowser = process.env.TIDINGS_BROWSER;

describe(`Tabs in ${kBrowser}`, { timeout: 200_000 }, () => {
  let streams;
  afterEach(() => streams?.close());
  const site = useSite();
  beforeEach(() => {
    streams = new Gauge(site.server.url, "tidings_streams");
  });

  // `prepare` runs in the page before anything of its own.
  async function openTab(prepare = () => {}, url = site.server.url) {
    const page = await site.newPage();
    await page.evaluateOnNewDocument(prepare);
    const shown = await Shown.of(page);
    return { page, shown, view: await ChannelView.open(page, url) };
  }

  async function openTabs(count) {
    const tabs = [];
    while (tabs.length < count) tabs.push(await openTab());
    return tabs;
  }

  async function publish(texts) {
    for (const text of texts) await site.server.publish(text);
  }

  // Two ticks that follow each other, later than what it shows now.
  async function ticks({ page, shown }) {
    await page.bringToFront(); // a browser paints no hidden tab
    const before = Number(await page.$eval("#tick", ({ textContent }) => textContent)) || 0;
    const next = await shown.until("a tick", ({ tick }) => Number(tick) > before);
    const latest = await shown.until("the next tick", ({ tick }) => tick !== next.tick);
    assert.deepEqual([latest.state, latest.words], ["open", "Live"]);
    assert.equal(Number(latest.tick), Number(next.tick) + 1);
  }

  // All that the tab's list shows is these texts, the last one first.
  async function shows({ view }, texts) {
    const { entries } = await view.newest(texts.at(-1));
    assert.deepEqual(entries.map(({ text }) => text), texts.toReversed());
    assert.ok(entries.every(({ isNotice }) => !isNotice));
  }

  it("are seven on two streams: each shows ticks, and what the seventh publishes", async () => {
    const tabs = await openTabs(7);
    assert.equal(await streams.read(), 2);
    for (const tab of tabs) await ticks(tab);
    await tabs.at(-1).view.publish("from the seventh");
    await tabs[0].view.publishByButton("from the first");
    for (const tab of tabs) await shows(tab, ["from the seventh", "from the first"]);
    assert.equal(await streams.read(), 2);
    await Promise.all(tabs.map(({ page }) => page.close()));
    await streams.becomes(0);
  });

  it("lose nothing before their first event when the one that holds the streams is closed", async () => {
    const tabs = await openTabs(3);
    await tabs.shift().page.close();
    await publish(["a"]);
    for (const tab of tabs) await shows(tab, ["a"]);
  });

  it("lose nothing when the one that holds the streams is closed, and again", async () => {
    const tabs = await openTabs(4);
    const texts = ["before"];
    await publish(texts);
    for (const tab of tabs) await shows(tab, texts);
    while (tabs.length > 1) {
      const meanwhile = ["a", "b", "c", "d"].map((letter) => `${letter} of ${tabs.length}`);
      const holder = tabs.shift(); // who was there first
      await Promise.all([holder.page.close(), publish(meanwhile)]);
      texts.push(...meanwhile, `after ${tabs.length}`);
      await publish(texts.slice(-1));
      for (const tab of tabs) await shows(tab, texts);
      await streams.becomes(2);
      await ticks(tabs.at(-1));
    }
  });

  it("each say that the connection is lost when the server stops, and go on together when it is back", async () => {
    const tabs = await openTabs(3);
    const { port } = site.server;
    streams.close();
    await site.server.endsWell();
    for (const { view } of tabs) assert.equal((await view.is("reconnecting")).words, "Connection lost, reconnecting");
    site.server = await Server.start(port);
    streams = new Gauge(site.server.url, "tidings_streams");
    for (const tab of tabs) {
      await tab.view.is("open");
      await ticks(tab);
    }
    assert.equal(await streams.read(), 2);
    assert.equal(await tabs.at(-1).page.$eval("#reconnects", ({ textContent }) => textContent), "1");
  });

  itIfWellDriven("share where the page is no secure context, as robots and other machines of a local network are", async () => {
    const tabs = [];
    while (tabs.length < 3) {
      tabs.push(await openTab(() => {}, site.server.url.replace("localhost", kNamedHost)));
      assert.equal(await tabs.at(-1).page.evaluate(() => isSecureContext), false);
    }
    assert.equal(await streams.read(), 2);
    await tabs.shift().page.close();
    await publish(["a"]);
    for (const tab of tabs) await shows(tab, ["a"]);
  });

  itIfWellDriven("have streams of their own in a browser without SharedWorker", async () => {
    const remove = () => delete globalThis.SharedWorker;
    const tabs = [await openTab(remove), await openTab(remove)];
    assert.equal(await streams.read(), 4);
    for (const tab of tabs) await ticks(tab);
    await tabs[1].view.publish("a");
    for (const tab of tabs) await shows(tab, ["a"]);
  });
});
