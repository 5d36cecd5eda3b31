// The page's view of a channel in the browser that TIDINGS_BROWSER names, against the server that TIDINGS_SERVER is: what
// one tab publishes every tab shows. run.mjs sets them and counts.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { isWellDriven } from "./browsers.mjs";
import { ChannelView } from "./channel_view.mjs";
import { Faults } from "./faults.mjs";
import { Server } from "./server.mjs";
import { itIfWellDriven, useSite } from "./site.mjs";

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

  it("counts what is published elsewhere, and shows it with its id and its time", async () => {
    const view = await ChannelView.open(page, site.server.url);
    const before = await view.is("open");
    assert.deepEqual([before.words, before.entries, before.counts], ["Live", [], "0 of 0"]);
    const early = Date.now();
    const id = await site.server.publish("two\nlines");
    const after = await view.entries(1);
    assert.deepEqual(after.entries, [{ type: "", isNotice: false, text: "two\nlines", small: id, elements: 4 }]);
    assert.equal(after.counts, "1 of 1");
    const between = [early, Date.now()].map((time) => new Date(time).toISOString().slice(11, 19));
    assert.ok(after.times[0] >= between[0] || between[0] > between[1], `${after.times} is not in ${between}`);
    assert.ok(after.times[0] <= between[1] || between[0] > between[1], `${after.times} is not in ${between}`);
    assert.deepEqual(faults.all, []);
  });

  it("shows events of every type with it, and empty ones", async () => {
    const view = await ChannelView.open(page, site.server.url);
    await site.server.publish("It burns", "demo?event=alarm");
    await site.server.publish("", "demo?event=all-clear");
    await site.server.publish("");
    const { entries } = await view.entries(3);
    const shown = entries.map(({ type, text }) => [type, text]);
    assert.deepEqual(shown, [["", ""], ["all-clear", ""], ["alarm", "It burns"]]);
    const said = await page.$eval("#log p", (text) => getComputedStyle(text, "::before").content);
    assert.equal(said, '"(empty)"');
  });

  it("bounds what is long, until all of it is asked for, and lets a text go its own way", async () => {
    const view = await ChannelView.open(page, site.server.url);
    const texts = ["short", "שלום", "x".repeat(100_000), "a\n".repeat(200)];
    for (const text of texts) await site.server.publish(text);
    await view.entries(texts.length);
    const heights = () => page.$$eval("#log p", (all) => all.map(({ clientHeight }) => clientHeight));
    assert.ok((await heights()).every((height) => height <= 150), `${await heights()}`);
    assert.equal((await page.$$("#log summary")).length, 2);
    await page.click("#log summary");
    assert.ok((await heights())[0] > 2000, `${await heights()}`);
    const directions = await page.$$eval("#log p", (all) => all.map((text) => getComputedStyle(text).direction));
    assert.deepEqual(directions, ["ltr", "ltr", "rtl", "ltr"]);
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
    assert.ok(there.entries.every(({ elements }) => elements === 4), "no text became markup");

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
    const all = await view.newest("last");
    assert.deepEqual(texts(all), ["last", ...numbers].slice(0, kMostShown));
    assert.equal(all.counts, `${kMostShown} of ${kMostShown + 6}`);
  });

  it("recovers when the server is back, says what is gone, and publishes again", async () => {
    const view = await ChannelView.open(page, site.server.url);
    await view.publish("before");
    const { entries: [{ small: lastId }] } = await view.entries(1);

    const { port } = site.server;
    await site.server.endsWell();
    assert.equal((await view.is("reconnecting")).words, "Connection lost, reconnecting");
    await view.publish("typed too soon");
    const unsent = await view.notice("The server does not answer.");
    assert.deepEqual([unsent.typed, unsent.entries.length], ["typed too soon", 1], "the text is back in the box");

    site.server = await Server.start(port);
    await view.is("open");
    const { entries: [gap], notice } = await view.entries(2);
    assert.match(gap.text, /^Some events are gone: /);
    assert.equal(notice, gap.text, "it is also where one looks");
    assert.ok(gap.isNotice);
    assert.match(gap.small, /^[0-9a-z]+-0$/);
    assert.notEqual(gap.small.split("-")[0], lastId.split("-")[0], "it goes on in another epoch");
    await view.submit();
    const after = await view.entries(3);
    assert.deepEqual([after.entries[0].text, after.notice, after.typed], ["typed too soon", "", ""]);
  });

  // WebKit's box takes no more than 512 Ki characters.
  itIfWellDriven("shows a refusal's sentence, and gives back the text that was refused", async () => {
    const view = await ChannelView.open(page, site.server.url);
    const text = "x".repeat(1024 * 1024 + 1);
    await view.publishByButton(text);
    const { entries, notice, typed } = await view.notice(" ");
    assert.match(notice, /^[A-Z].* .*\.$/);
    assert.deepEqual([entries, typed === text], [[], true]);
  });

  itIfWellDriven("puts a text that was refused into the list where another has been typed since", async () => {
    const view = await ChannelView.open(page, site.server.url);
    let refuse;
    const sent = new Promise((resolve) => (refuse = resolve));
    await page.setRequestInterception(true);
    page.on("request", (request) => (request.method() === "POST" ? refuse(request) : request.continue()));
    await view.publish("first");
    const request = await sent;
    await page.type("#text", "second");
    await request.respond({ status: 503, contentType: "text/plain", body: "Not now." });
    const { entries: [entry], typed, notice } = await view.entries(1);
    assert.deepEqual([entry.type, entry.text, typed, notice], ["not published", "first", "second", "Not now."]);
  });

  it("says what it lacks where the channel is open to nobody without the token", async () => {
    await site.server.endsWell();
    site.server = await Server.start(site.server.port, "--open_channel", "");
    const view = await ChannelView.open(page, site.server.url);
    await view.publish("hello");
    const { notice, typed, focused } = await view.notice("token");
    assert.match(notice, /^[A-Z].*token.*\.$/);
    assert.equal(typed, "hello");
    assert.equal(focused, "token");
    if (isWellDriven(kBrowser)) await faults.one(/^status 401: /);
  });

  it("publishes by a token that it asks for once, and forgets with its tab", async () => {
    const token = "a-token-of-enough-characters";
    await site.server.endsWell();
    site.server = await Server.start(site.server.port, "--open_channel", "", "--publish_token", token);
    let view = await ChannelView.open(page, site.server.url);
    const isAsked = () => page.$eval("#token", ({ parentNode }) => !parentNode.hidden);
    assert.equal(await isAsked(), false);
    await view.publish("first");
    await view.notice("token");
    assert.equal(await isAsked(), true);
    await page.type("#token", token);
    await page.keyboard.press("Enter");
    assert.deepEqual(texts(await view.entries(1)), ["first"]);

    view = await ChannelView.open(page, site.server.url); // loaded again
    await view.publish("second");
    const { notice } = await view.newest("second");
    assert.deepEqual([notice, await isAsked()], ["", false]);

    const other = await ChannelView.open(await site.newPage(), site.server.url);
    await other.publish("third");
    await other.notice("token");
  });

  itIfWellDriven("says so where it publishes too often, and goes on", async () => {
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
    await view.notice("Wait a moment.");
    await view.submit();
    const { entries: [entry], notice } = await view.entries(1);
    assert.deepEqual([entry.text, notice], ["too soon", ""]);
  });
});
