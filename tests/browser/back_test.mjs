// The page left and come back to, in the browser that TIDINGS_BROWSER names: whether a browser has kept it or opens it anew,
// it holds no more streams than at first, has missed nothing that it would show, and publishes. run.mjs sets the variables
// and counts.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";

import { ChannelView } from "./channel_view.mjs";
import { Gauge } from "./gauge.mjs";
import { useSite } from "./site.mjs";

const kBrowser = process.env.TIDINGS_BROWSER;
const kTimes = 5;

describe(`Back and forward in ${kBrowser}`, { timeout: 200_000 }, () => {
  let streams;
  afterEach(() => streams?.close());
  const site = useSite();
  beforeEach(() => {
    streams = new Gauge(site.server.url, "tidings_streams");
  });

  it(`leave the page as it was, ${kTimes} times`, async (test) => {
    const page = await site.newPage();
    const view = await ChannelView.open(page, site.server.url);
    assert.equal(await streams.read(), 2);
    let kept = 0;
    for (let time = 1; time <= kTimes; ++time) {
      await page.evaluate(() => (globalThis.isSame = true));
      await view.publish(`before ${time}`);
      await view.newest(`before ${time}`);
      await page.goto(new URL("/healthz", site.server.url).href);
      await site.server.publish(`while away ${time}`);
      await page.goBack();
      const isKept = await page.evaluate(() => globalThis.isSame === true);
      kept += isKept;
      await view.is("open");
      await view.publish(`after ${time}`);
      const { entries } = await view.newest(`after ${time}`);
      const shown = entries.map(({ text }) => text);
      // A page that is opened anew follows from then on.
      if (isKept) assert.deepEqual(shown.slice(0, 3), ["after", "while away", "before"].map((text) => `${text} ${time}`));
      assert.deepEqual(entries.filter(({ isNotice }) => isNotice), []);
      assert.equal(new Set(shown).size, shown.length, "nothing comes twice");
      await streams.becomes(2);
    }
    test.diagnostic(`${kBrowser} had kept the page ${kept} of ${kTimes} times`);
  });
});
