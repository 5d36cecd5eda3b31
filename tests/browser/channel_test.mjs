// The page's view of a channel in the browser that TIDINGS_BROWSER names, against the server that TIDINGS_SERVER is: what
// one tab publishes every tab shows. run.mjs sets them and counts.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { ChannelView } from "./channel_view.mjs";
import { Faults } from "./faults.mjs";
import { Server } from "./server.mjs";
import { useSite } from "./site.mjs";

const kBrowser = process.env.TIDINGS_BROWSER;
const kMostShown = 50;

const texts = ({ entries }) => entries.map(({ text }) => text);

describe(`The channel in ${kBrowser}`, { timeout: 200_000 }, () => {
  const site = useSite();
  let faults, page;

  beforeEach(async () => {
    page = await site.newPage();
    faults = await Faults.of(page, site.server.url);
  });

  it("says that there is nothing yet, and shows what is published elsewhere with its id", async () => {
    const view = await ChannelView.open(page, site.server.url);
    const before = await view.is("open");
    assert.deepEqual([before.words, before.entries, before.hint], ["Live", [], "block"]);
    const id = await site.server.publish("two\nlines");
    const after = await view.entries(1);
    assert.deepEqual(after.entries, [{ isNotice: false, text: "two\nlines", small: id, elements: 2 }]);
    assert.equal(after.hint, "none");
    assert.deepEqual(faults.all, []);
  });

  it("publishes what is typed to every tab, in order and as it is", async () => {
    const other = await ChannelView.open(await site.newPage(), site.server.url);
    const view = await ChannelView.open(page, site.server.url);
    const typed = ["first", "<script>alert(1)</script>", "an emoji \u{1F4F0}, whole", "&amp; last"];
    for (const text of typed) await view.publish(text); // without waiting for one before the next
    const newestFirst = typed.toReversed();
    const here = await view.entries(typed.length);
    assert.deepEqual(texts(here), newestFirst);
    assert.deepEqual([here.typed, here.focused], ["", "text"], "the box is ready for the next");
    const there = await other.entries(typed.length);
    assert.deepEqual(there.entries, here.entries);
    assert.ok(there.entries.every(({ elements }) => elements === 2), "no text became markup");

    await other.publishByButton("the other way");
    assert.equal((await view.entries(typed.length + 1)).entries[0].text, "the other way");
    assert.equal((await other.entries(typed.length + 1)).focused, "text", "the focus returns from the button");
    assert.deepEqual(faults.all, []);
  });

  it("sends nothing when the box is empty", async () => {
    const view = await ChannelView.open(page, site.server.url);
    await view.publish("");
    await view.publish("something");
    assert.deepEqual(texts(await view.entries(1)), ["something"]);
  });

  it(`holds the newest ${kMostShown} events`, async () => {
    const view = await ChannelView.open(page, site.server.url);
    for (let i = 0; i < kMostShown + 5; ++i) await site.server.publish(String(i));
    await site.server.publish("last");
    const numbers = Array.from({ length: kMostShown }, (_, i) => String(kMostShown + 4 - i));
    assert.deepEqual(texts(await view.newest("last")), ["last", ...numbers].slice(0, kMostShown));
  });

  it("recovers when the server is back, says what is gone, and publishes again", async () => {
    const view = await ChannelView.open(page, site.server.url);
    await view.publish("before");
    const { entries: [{ small: lastId }] } = await view.entries(1);

    const { port } = site.server;
    await site.server.endsWell();
    assert.equal((await view.is("reconnecting")).words, "Connection lost, reconnecting");
    await view.publish("typed too soon");
    const [unsent] = (await view.entries(2)).entries;
    assert.deepEqual(unsent, {
      isNotice: true, text: "Not published: typed too soon", small: "The server does not answer.", elements: 2,
    });

    site.server = await Server.start(port);
    await view.is("open");
    const [gap] = (await view.entries(3)).entries;
    assert.match(gap.text, /^Some events are gone: /);
    assert.ok(gap.isNotice);
    assert.match(gap.small, /^[0-9a-z]+-0$/);
    assert.notEqual(gap.small.split("-")[0], lastId.split("-")[0], "it goes on in another epoch");
    await view.publish("after");
    assert.equal((await view.entries(4)).entries[0].text, "after");
  });

  it("shows a refusal's sentence with the text that was refused", async () => {
    const view = await ChannelView.open(page, site.server.url);
    await view.publishByButton("x".repeat(1024 * 1024 + 1));
    const [entry] = (await view.entries(1)).entries;
    assert.ok(entry.isNotice);
    assert.match(entry.text, /^Not published: x+$/);
    assert.match(entry.small, /^[A-Z].* .*\.$/);
  });

  it("says what it lacks where the channel is open to nobody without the token", async () => {
    await site.server.endsWell();
    site.server = await Server.start(site.server.port, "--open_channel", "");
    const view = await ChannelView.open(page, site.server.url);
    await view.publish("hello");
    const [entry] = (await view.entries(1)).entries;
    assert.deepEqual([entry.isNotice, entry.text], [true, "Not published: hello"]);
    assert.match(entry.small, /^[A-Z].*token.*\.$/);
    await faults.one(/^status 401: /);
  });

  it("says so where it publishes too often, and goes on", async () => {
    const view = await ChannelView.open(page, site.server.url);
    let isHeld = true;
    await page.setRequestInterception(true);
    page.on("request", (request) => {
      if (!isHeld || request.method() !== "POST") return request.continue();
      isHeld = false;
      const body = JSON.stringify({ status: 429, title: "Too Many Requests", detail: "Wait a moment." });
      return request.respond({ status: 429, headers: { "retry-after": "1" }, contentType: "application/problem+json", body });
    });
    await view.publish("too soon");
    const [notice] = (await view.entries(1)).entries;
    assert.deepEqual([notice.isNotice, notice.text, notice.small], [true, "Not published: too soon", "Wait a moment."]);
    await view.publish("later");
    assert.equal((await view.entries(2)).entries[0].text, "later");
  });
});
