// The client in a dedicated worker, in the browser that TIDINGS_BROWSER names, by the program worker.cc in the folder that
// TIDINGS_FOLLOWER is. run.mjs sets them and counts.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";

import { launch } from "./browsers.mjs";
import { Follower } from "./follower.mjs";
import { FollowerServer } from "./follower_server.mjs";

const kBrowser = process.env.TIDINGS_BROWSER;
const kEvents = 2000;

// Asks for the next batch after a while where its query says so.
const kPage = `<!doctype html><meta charset="utf-8"><title>Worker</title><link rel="icon" href="data:,"><script>
tidingsSeen = [];
tidingsWake = () => {};
batches = 0;
const worker = new Worker("/worker.js" + location.search);
worker.onmessage = ({ data: batch }) => {
  ++batches;
  for (const { type, data, lastEventId } of batch) tidingsSeen.push("event " + lastEventId + " " + data);
  tidingsWake();
  setTimeout(() => worker.postMessage("next"), location.search.includes("slow") ? 20 : 0);
};
</script>`;

describe(`A worker in ${kBrowser}`, { timeout: 200_000 }, () => {
  let browser, context, server;

  before(async () => {
    browser = await launch(kBrowser);
  });
  after(async () => {
    await browser?.close();
  });
  beforeEach(async () => {
    server = await FollowerServer.start(process.env.TIDINGS_FOLLOWER, "worker", kPage);
    context = await browser.createBrowserContext();
  });
  afterEach(async () => {
    await context?.close();
    server?.close();
  });

  for (const how of ["", "fetches"]) {
    it(`hands on each event as it comes ${how && "by fetch"}`, async () => {
      const page = await Follower.open(context, `${server.url}?${how}`);
      await server.request(1);
      for (const [i, text] of ["a", "\u{1F4F0}", "c"].entries()) {
        server.publish(text);
        await page.tells(`event ${i + 1} ${text}`);
      }
      assert.equal(await page.page.evaluate(() => batches), 3);
    });
  }

  it("hands on what gathers while the page is busy in few batches, and holds the server up rather than lose any", async (test) => {
    const page = await Follower.open(context, `${server.url}?fetches&slow`);
    await server.request(1);
    for (let i = 1; i <= kEvents; ++i) server.publish(String(i));
    const events = await page.until(kEvents);
    assert.deepEqual(events, Array.from({ length: kEvents }, (_, i) => `event ${i + 1} ${i + 1}`));
    const batches = await page.page.evaluate(() => batches);
    test.diagnostic(`${kEvents} events in ${batches} batches`);
    assert.ok(batches <= 50, `${batches} batches`);
  });
});
