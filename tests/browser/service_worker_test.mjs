// A page whose requests all go through a service worker, in the browser that TIDINGS_BROWSER names. Firefox stops a service
// worker that has had nothing to do for a while, and with it the streams that it passes on; the browser's own EventSource is
// closed for good then. run.mjs sets the variables and counts.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";

import { kNamedHost, launch } from "./browsers.mjs";
import { kPatience, within } from "./deadline.mjs";
import { Follower } from "./follower.mjs";
import { FollowerServer } from "./follower_server.mjs";

const kBrowser = process.env.TIDINGS_BROWSER;

// Firefox's patience with a service worker, which is half a minute each by itself.
const kImpatient = {
  "network.dns.localDomains": kNamedHost,
  "dom.serviceWorkers.idle_timeout": 500,
  "dom.serviceWorkers.idle_extended_timeout": 500,
};

describe(`A service worker in between, in ${kBrowser}`, { timeout: 200_000 }, () => {
  let browser, context, server;

  before(async () => {
    browser = await launch(kBrowser, kBrowser === "firefox" ? { extraPrefsFirefox: kImpatient } : {});
  });
  after(() => browser?.close());
  beforeEach(async () => {
    server = await FollowerServer.start(process.env.TIDINGS_FOLLOWER);
    context = await browser.createBrowserContext();
  });
  afterEach(async () => {
    await context?.close();
    server?.close();
  });

  // Has the origin's pages go through the service worker from then on.
  async function register() {
    const page = await context.newPage();
    await page.goto(new URL("/elsewhere", server.url).href);
    const registered = page.evaluate(async () => {
      await navigator.serviceWorker.register("/service_worker.js");
      await navigator.serviceWorker.ready;
    });
    await within(kPatience, "the service worker", registered);
    await page.close();
  }

  for (const words of ["reopens", "reopens shares"]) {
    it(`takes no event from a stream that ${words}`, async () => {
      await context.newPage(); // a context without a page would end
      await register();
      const follower = await Follower.open(context, `${server.url}?${words}`);
      await follower.tells("open");
      assert.ok(await follower.page.evaluate(() => navigator.serviceWorker.controller !== null));
      server.publish("a");
      await follower.tells("event 1 a");
      if (kBrowser === "firefox") await server.request(3); // it has been cut, twice
      server.publish("b");
      await follower.tells("event 2 b");
      assert.deepEqual(await follower.events(), ["event 1 a", "event 2 b"]);
    });
  }
});
