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
    const ids = await publish(["1", "2"]);
    await view.newest("2");
    await proxy.cut();
    await view.is("reconnecting");
    await publish(numbers(3, 8));
    await proxy.mend();
    const { entries } = await view.newest("8");
    const [gap] = entries.splice(kKept, 1);
    assert.deepEqual(entries.map(({ text }) => text), [...newestFirst(9 - kKept, 8), "2", "1"]);
    assert.match(gap.text, /^Some events are gone: /);
    assert.deepEqual([gap.isNotice, gap.small], [true, ids.at(-1)], "the id after which it asked");
  });
});
