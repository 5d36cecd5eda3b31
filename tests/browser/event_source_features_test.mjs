// What client_wasm's EventSource adds to the browser's, in the browser that TIDINGS_BROWSER names, by the page in the folder
// that TIDINGS_FOLLOWER is. run.mjs sets them and counts.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";

import { launch } from "./browsers.mjs";
import { kPatience, within } from "./deadline.mjs";
import { Follower } from "./follower.mjs";
import { FollowerServer } from "./follower_server.mjs";

const kBrowser = process.env.TIDINGS_BROWSER;

describe(`An EventSource in ${kBrowser}`, { timeout: 200_000 }, () => {
  let browser, context, server;

  before(async () => {
    browser = await launch(kBrowser);
  });
  after(async () => {
    await browser?.close();
  });
  beforeEach(async () => {
    server = await FollowerServer.start(process.env.TIDINGS_FOLLOWER);
    context = await browser.createBrowserContext();
  });
  afterEach(async () => {
    await context?.close();
    server?.close();
  });

  const open = (words) => Follower.open(context, `${server.url}?${words}`);

  for (const answer of [{ status: 503, type: "text/event-stream" }, { status: 200, type: "text/html" }]) {
    it(`is closed with its reason where the answer is ${answer.status} ${answer.type}`, async () => {
      server.answer = answer;
      const follower = await open("");
      await follower.tells("closed refused");
    });
  }

  it("opens anew where the browser gave up, with the last event's id", async () => {
    const follower = await open("reopens");
    await follower.tells("open");
    server.publish("a");
    await follower.tells("event 1 a");
    server.answer = { status: 503, type: "text/plain" };
    server.cut();
    await follower.tells("waiting refused");
    server.publish("b");
    server.answer = { status: 200, type: "text/event-stream" };
    await follower.tells("open");
    server.publish("c");
    await follower.tells("event 3 c");
    assert.deepEqual(await follower.events(), ["event 1 a", "event 2 b", "event 3 c"]);
    assert.equal(server.requests.at(-1), "1");
  });

  const refuse = () => (server.answer = { status: 503, type: "text/plain" });
  const accept = () => (server.answer = { status: 200, type: "text/event-stream" });

  // Each ends with the stream lost and not yet there again.
  const kLosses = {
    "the browser reconnects": { words: "", lose: () => server.cut() },
    "it is opened anew": {
      words: "reopens",
      lose: async (follower) => {
        refuse();
        server.cut();
        await follower.tells("waiting refused");
      },
    },
    "it has fallen silent": {
      words: "watches reopens",
      lose: async (follower) => {
        refuse();
        await follower.tells("waiting silent");
        await follower.tells("waiting refused");
      },
    },
  };
  const kIds = { "one channel": (number) => `e-${number}`, "several channels": (number) => `b:f-0,a:e-${number}` };
  for (const [channels, idOf] of Object.entries(kIds)) {
    for (const [how, { words, lose }] of Object.entries(kLosses)) {
      it(`misses nothing of ${channels} that comes before its first event, where ${how}`, async () => {
        server.idOf = idOf;
        const follower = await open(words);
        await follower.tells("open");
        await lose(follower);
        server.publish("a");
        accept();
        await follower.tells(`event ${idOf(1)} a`);
        assert.deepEqual(await follower.events(), [`event ${idOf(1)} a`]);
        assert.equal(server.requests.at(-1), idOf(0));
      });
    }

    it(`misses nothing of ${channels} in any tab where the one that has the connection is closed before it`, async () => {
      server.idOf = idOf;
      const tabs = [];
      while (tabs.length < 3) {
        tabs.push(await open("shares reopens"));
        await tabs.at(-1).tells("open");
      }
      for (let number = 1; tabs.length > 1; ++number) {
        refuse();
        await tabs.shift().page.close();
        server.publish("a");
        accept();
        for (const tab of tabs) await tab.tells(`event ${idOf(number)} a`);
      }
      assert.deepEqual(await tabs[0].events(), [`event ${idOf(1)} a`, `event ${idOf(2)} a`]);
    });
  }

  it("notices a stream that is silent, and heartbeats keep one open", async () => {
    const follower = await open("watches reopens");
    await follower.tells("open");
    server.publish("a");
    await follower.tells("event 1 a");
    await follower.tells("waiting silent");
    await follower.tells("open");
    assert.equal(server.requests.at(-1), "1");
    const beat = setInterval(() => server.beat(), 200);
    try {
      await new Promise((resolve) => setTimeout(resolve, 2500)); // two and a half times what it bears
    } finally {
      clearInterval(beat);
    }
    assert.equal((await follower.all()).at(-1), "open");
    assert.equal(server.streams, 1);
  });

  it("tries at once when the page wakes up", async () => {
    server.answer = { status: 503, type: "text/plain" };
    const follower = await open("reopens slowly");
    await follower.tells("waiting refused");
    server.answer = { status: 200, type: "text/event-stream" };
    await follower.page.evaluate(() => dispatchEvent(new Event("online")));
    await follower.tells("open");
    assert.equal(server.requests.length, 2);
  });

  it("gives NUL, emoji and a MiB whole, and markup as characters", async () => {
    const follower = await open("");
    await follower.tells("open");
    const nul = kBrowser === "firefox" ? [] : ["a\0b"]; // Firefox drops it before any page sees it
    const texts = [...nul, "\u{1F4F0}\u20AC", "x".repeat(1024 * 1024), "<script>alert(1)</script>", "two\nlines"];
    texts.forEach((text) => server.publish(text));
    await follower.tells(`event ${texts.length} ${texts.at(-1)}`);
    assert.deepEqual(await follower.events(), texts.map((text, i) => `event ${i + 1} ${text}`));
  });

  it("gives up a reconnection that hangs", async () => {
    const follower = await open("hurries");
    await follower.tells("open");
    server.publish("a");
    await follower.tells("event 1 a");
    server.hangs = true;
    server.cut();
    await follower.tells("reconnecting");
    await follower.tells("waiting silent");
    server.hangs = false;
    server.publish("b");
    await follower.tells("event 2 b");
    assert.equal(server.requests.at(-1), "1");
  });

  it("keeps an event's id where others come under a dialog that its callback has open", async () => {
    const follower = await open("");
    await follower.tells("open");
    const dialog = new Promise((resolve) => follower.page.once("dialog", resolve));
    server.publish("dialog");
    const opened = await within(kPatience, "the dialog", dialog);
    ["b", "c"].forEach((text) => server.publish(text));
    await new Promise((resolve) => setTimeout(resolve, 500)); // Firefox gives them out now, Chromium later
    await opened.accept();
    await follower.tells("event 1 dialog");
    const events = await follower.until(3);
    assert.deepEqual(events.sort(), ["event 1 dialog", "event 2 b", "event 3 c"]);
  });

  it("ends where its stack overflows, and overwrites nothing", async () => {
    const follower = await open("");
    await follower.tells("open");
    await follower.page.evaluate(() => {
      failure = new Promise((resolve) => addEventListener("error", ({ filename }) => resolve(filename)));
    });
    server.publish("overflow");
    const filename = await within(kPatience, "an error", follower.page.evaluate(() => failure));
    assert.ok(filename.startsWith(server.url) || filename.startsWith("wasm:"), filename);
    assert.equal(await follower.page.evaluate(() => tidingsIsIntact()), true);
  });

  it("has one connection for all tabs, which goes on when the tab that began it is closed", async () => {
    const tabs = [];
    for (let i = 0; i < 3; ++i) {
      tabs.push(await open("shares reopens"));
      await tabs[i].tells("open");
    }
    assert.equal(server.streams, 1);
    server.publish("a");
    for (const tab of tabs) await tab.tells("event 1 a");
    const [leader, ...others] = tabs;
    await Promise.all([leader.page.close(), server.publish("b"), server.publish("c")]);
    server.publish("d");
    server.publish("e");
    for (const tab of others) {
      await tab.tells("event 5 e");
      assert.deepEqual(await tab.events(), ["event 1 a", "event 2 b", "event 3 c", "event 4 d", "event 5 e"]);
    }
    assert.equal(server.streams, 1);
  });

  if (kBrowser === "chromium") {
    it("goes on for others when the tab that began it is frozen, which misses nothing", async () => {
      const frozen = await open("shares reopens");
      await frozen.tells("open");
      const other = await open("shares reopens");
      await other.tells("open");
      server.publish("a");
      await frozen.tells("event 1 a");
      await other.tells("event 1 a");
      const session = await frozen.page.createCDPSession();
      await session.send("Page.setWebLifecycleState", { state: "frozen" });
      server.publish("b");
      await other.tells("event 2 b");
      await session.send("Page.setWebLifecycleState", { state: "active" });
      await frozen.tells("event 2 b");
      server.publish("c");
      await frozen.tells("event 3 c");
      await other.tells("event 3 c");
      for (const tab of [frozen, other]) {
        assert.deepEqual(await tab.events(), ["event 1 a", "event 2 b", "event 3 c"]);
      }
      assert.equal(server.streams, 1);
    });
  }

  it("goes on for others when the tab that began it goes to another page, and for that when it is back", async () => {
    const leaver = await open("shares reopens");
    await leaver.tells("open");
    const other = await open("shares reopens");
    await other.tells("open");
    server.publish("a");
    await other.tells("event 1 a");
    await leaver.page.goto(new URL("/elsewhere", server.url).href);
    server.publish("b");
    await other.tells("event 2 b");
    // Puppeteer's own way waits for a page to load, which one that was kept does not.
    await leaver.page.evaluate(() => void setTimeout(() => history.back()));
    const isBack = async () => {
      while (!(await leaver.page.evaluate(() => location.pathname === "/").catch(() => false)));
    };
    await within(kPatience, "the page", isBack());
    const back = new Follower(leaver.page); // kept by the browser, or loaded anew
    await back.tells("open");
    server.publish("c");
    await back.tells("event 3 c");
    await other.tells("event 3 c");
    assert.deepEqual(await other.events(), ["event 1 a", "event 2 b", "event 3 c"]);
    assert.equal(server.streams, 1);
  });
});
