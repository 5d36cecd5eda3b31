// The page's view of a channel in the browser that TIDINGS_BROWSER names, against the server that TIDINGS_SERVER is: what
// one tab publishes every tab shows. run.mjs sets them and counts.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";

import { launch } from "./browsers.mjs";
import { ChannelView } from "./channel_view.mjs";
import { kPatience } from "./deadline.mjs";
import { Faults } from "./faults.mjs";
import { Server } from "./server.mjs";

const kBrowser = process.env.TIDINGS_BROWSER;
const kMostShown = 50;

const texts = ({ entries }) => entries.map(({ text }) => text);

describe(`The channel in ${kBrowser}`, { timeout: 200_000 }, () => {
  let browser, context, faults, page, server;

  before(async () => {
    browser = await launch(kBrowser);
  });
  after(async () => {
    await browser?.close();
  });
  beforeEach(async () => {
    server = await Server.start();
    context = await browser.createBrowserContext();
    page = await newPage();
    faults = await Faults.of(page, server.url);
  });
  afterEach(async () => {
    await context?.close();
    const end = await server?.stop();
    context = server = undefined;
    if (end) assert.deepEqual([end.code, end.signal], [0, null], "the server's exit code and signal");
  });

  async function newPage() {
    const page = await context.newPage();
    page.setDefaultTimeout(kPatience);
    return page;
  }

  async function post(text) {
    const answer = await fetch(new URL("/channels/demo", server.url), { method: "POST", body: text });
    assert.equal(answer.status, 200);
    return (await answer.json()).id;
  }

  it("says that there is nothing yet, and shows what is published elsewhere with its id", async () => {
    const view = await ChannelView.open(page, server.url);
    const before = await view.is("open");
    assert.deepEqual([before.words, before.entries, before.hint], ["Live", [], "block"]);
    const id = await post("two\nlines");
    const after = await view.entries(1);
    assert.deepEqual(after.entries, [{ isNotice: false, text: "two\nlines", small: id, elements: 2 }]);
    assert.equal(after.hint, "none");
    assert.deepEqual(faults.all, []);
  });

  it("publishes what is typed to every tab, in order and as it is", async () => {
    const other = await ChannelView.open(await newPage(), server.url);
    const view = await ChannelView.open(page, server.url);
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
    const view = await ChannelView.open(page, server.url);
    await view.publish("");
    await view.publish("something");
    assert.deepEqual(texts(await view.entries(1)), ["something"]);
  });

  it(`holds the newest ${kMostShown} events`, async () => {
    const view = await ChannelView.open(page, server.url);
    for (let i = 0; i < kMostShown + 5; ++i) await post(String(i));
    await post("last");
    const numbers = Array.from({ length: kMostShown }, (_, i) => String(kMostShown + 4 - i));
    assert.deepEqual(texts(await view.newest("last")), ["last", ...numbers].slice(0, kMostShown));
  });

  it("recovers when the server is back, says what is gone, and publishes again", async () => {
    const view = await ChannelView.open(page, server.url);
    await view.publish("before");
    const { entries: [{ small: lastId }] } = await view.entries(1);

    const { port } = server;
    await server.stop();
    assert.equal((await view.is("reconnecting")).words, "Connection lost, reconnecting");
    await view.publish("typed too soon");
    const [unsent] = (await view.entries(2)).entries;
    assert.deepEqual(unsent, {
      isNotice: true, text: "Not published: typed too soon", small: "The server does not answer.", elements: 2,
    });

    server = await Server.start(port);
    await view.is("open");
    const [gap] = (await view.entries(3)).entries;
    assert.match(gap.text, /^Some events are gone: /);
    assert.deepEqual([gap.isNotice, gap.small], [true, lastId]);
    await view.publish("after");
    assert.equal((await view.entries(4)).entries[0].text, "after");
  });

  it("shows a refusal's sentence with the text that was refused", async () => {
    const view = await ChannelView.open(page, server.url);
    await view.publishByButton("x".repeat(1024 * 1024 + 1));
    const [entry] = (await view.entries(1)).entries;
    assert.ok(entry.isNotice);
    assert.match(entry.text, /^Not published: x+$/);
    assert.match(entry.small, /^[A-Z].* .*\.$/);
  });
});
