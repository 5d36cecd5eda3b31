// Eight tabs that share a stream in the browser that TIDINGS_BROWSER names, and what happens to one of them, the one that
// was there first among others: every other tab goes on within five seconds, and all get every event once.
// TIDINGS_ROUNDS says how often (1). run.mjs sets the other variables and counts.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";

import { launch } from "./browsers.mjs";
import { kPatience, within } from "./deadline.mjs";
import { FollowerServer } from "./follower_server.mjs";

const kBrowser = process.env.TIDINGS_BROWSER;
const kRounds = Number(process.env.TIDINGS_ROUNDS ?? 1);
const kTabs = 8;
const kWithin = 5_000; // milliseconds

// Runs in the page. Resolves once the event has come.
async function sees(number) {
  const isThere = () => tidingsSeen.some((text) => text.startsWith(`event ${number} `));
  while (!isThere()) await new Promise((resolve) => (tidingsWake = resolve));
}

// Runs in the page. All events and gaps so far.
const seen = () => tidingsSeen.filter((text) => /^(event|gap)/.test(text));

describe(`Eight tabs in ${kBrowser}`, { timeout: 60_000 + kRounds * 60_000 }, () => {
  let browser, context, server, tabs, published, ticker;

  before(async () => {
    browser = await launch(kBrowser);
  });
  after(() => browser?.close());
  beforeEach(async () => {
    server = await FollowerServer.start(process.env.TIDINGS_FOLLOWER);
    context = await browser.createBrowserContext();
    published = 0;
    tabs = [];
    while (tabs.length < kTabs) tabs.push(await open());
    publish();
    ticker = setInterval(publish, 50);
  });
  afterEach(async () => {
    clearInterval(ticker);
    await within(kPatience, "the context's end", context?.close()).catch(() => {}); // a dialog may be open
    server?.close();
  });

  async function open() {
    const page = await context.newPage();
    page.setDefaultTimeout(kPatience);
    await page.goto(`${server.url}?shares reopens`);
    const opened = page.evaluate(async () => {
      while (!tidingsSeen.includes("open")) await new Promise((resolve) => (tidingsWake = resolve));
    });
    await within(kPatience, "the stream", opened);
    return page;
  }

  function publish() {
    published += 1;
    server.publish("tick");
  }

  async function goOn(pages, milliseconds = kWithin) {
    const number = published + 1; // of the next
    const slowest = Promise.all(pages.map((page) => page.evaluate(sees, number)));
    const start = performance.now();
    await within(milliseconds, `event ${number} in ${pages.length} tabs`, slowest);
    return performance.now() - start;
  }

  // None twice, none left out, no gap.
  async function areWhole(pages) {
    for (const page of pages) {
      const texts = await page.evaluate(seen);
      const first = Number(/^event (\d+)/.exec(texts[0])[1]);
      assert.deepEqual(texts, texts.map((_, i) => `event ${first + i} tick`));
    }
  }

  const kBusy = 6_000; // milliseconds
  const kFaults = {
    "is closed": (page) => page.close(),
    "has a dialog open": async (page) => {
      const dialog = new Promise((resolve) => page.once("dialog", resolve));
      page.evaluate(() => setTimeout(() => alert("stuck"))).catch(() => {});
      const opened = await within(kPatience, "the dialog", dialog);
      return () => opened.accept();
    },
    "has a script that runs for long": async (page) => {
      await page.evaluate((busy) => {
        const { port1, port2 } = new MessageChannel(); // timers of hidden tabs are late
        port1.onmessage = () => {
          for (const end = performance.now() + busy; performance.now() < end; );
        };
        port2.postMessage(null);
      }, kBusy);
      return () => {};
    },
    "goes to another page": async (page) => {
      await page.goto(new URL("/elsewhere", server.url).href);
    },
  };
  if (kBrowser === "chromium") {
    kFaults["is frozen"] = async (page) => {
      const session = await page.createCDPSession();
      await session.send("Page.setWebLifecycleState", { state: "frozen" });
      return () => session.send("Page.setWebLifecycleState", { state: "active" });
    };
    kFaults["crashes"] = async (page) => {
      const session = await page.createCDPSession();
      session.send("Page.crash").catch(() => {});
    };
  }

  for (const [what, harm] of Object.entries(kFaults)) {
    it(`go on where one of them ${what}`, async (context) => {
      let slowest = 0;
      for (let round = 0; round < kRounds; ++round) {
        const victim = tabs.shift();
        const mend = await harm(victim);
        slowest = Math.max(slowest, await goOn(tabs));
        await areWhole(tabs);
        if (mend) {
          await mend();
          await goOn([victim], kBusy + kWithin);
          await areWhole([victim]);
          tabs.push(victim);
        } else {
          await victim.close().catch(() => {});
          tabs.push(await open());
        }
        await goOn(tabs);
      }
      await areWhole(tabs);
      context.diagnostic(`${kRounds} times, the slowest within ${Math.round(slowest)} ms`);
    });
  }

  if (kBrowser === "chromium") {
    it("go on where the worker dies", async (context) => {
      const session = await browser.target().createCDPSession();
      let slowest = 0;
      for (let round = 0; round < kRounds; ++round) {
        const { targetInfos } = await session.send("Target.getTargets");
        const worker = targetInfos.find(({ type }) => type === "shared_worker");
        await session.send("Target.closeTarget", { targetId: worker.targetId });
        slowest = Math.max(slowest, await goOn(tabs));
        await areWhole(tabs);
      }
      context.diagnostic(`${kRounds} times, the slowest within ${Math.round(slowest)} ms`);
    });
  }
});
