// The pages of the other examples in the browser that TIDINGS_BROWSER names. run.mjs sets it and counts.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";

import { launch } from "./browsers.mjs";
import { hasBeen, hasPrices, said, say, shows, withExample, withLog } from "./example_pages.mjs";

const kBrowser = process.env.TIDINGS_BROWSER;
const kHostile = "<script>document.title = 'run'</script><b>bold</b>";

describe(`The examples in ${kBrowser}`, { timeout: 200_000 }, () => {
  let browser;

  before(async () => {
    browser = await launch(kBrowser);
  });
  after(async () => {
    await browser?.close();
  });

  it("first: the value changes, and both ends are 25 lines", async () => {
    await withExample(browser, "first/first", async ({ page, faults }) => {
      await shows(page, "value", /^\d{1,3}$/);
      const first = await page.$eval("#value", ({ textContent }) => textContent);
      await shows(page, "value", new RegExp(`^(?!${first}$)\\d{1,3}$`));
      assert.deepEqual(faults.all, []);
    });
    const lines = (name) => readFileSync(new URL(`../../examples/first/${name}`, import.meta.url), "utf8").split("\n");
    assert.equal([...lines("server.cc"), ...lines("page.cc")].filter((line) => line !== "").length, 25);
  });

  it("chat: everybody reads what is said, and what was said before", async () => {
    await withExample(browser, "chat/chat", async ({ page, server, faults }) => {
      const other = await browser.newPage();
      await other.goto(server.url);
      await say(page, "Ada", "Hello");
      assert.deepEqual(await said(other, 1), [["Ada", "Hello"]]);
      await say(other, "Eve", "Hello Ada");
      const both = [["Eve", "Hello Ada"], ["Ada", "Hello"]];
      assert.deepEqual(await said(page, 2), both);
      await other.reload();
      assert.deepEqual(await said(other, 2), both);
      await other.close();
      assert.deepEqual(faults.all, []);
    });
  });

  it("chat: text is only ever text, and what is not taken is told", async () => {
    await withExample(browser, "chat/chat", async ({ page, server, faults }) => {
      await say(page, kHostile, kHostile);
      assert.deepEqual(await said(page, 1), [[kHostile, kHostile]]);
      await server.publish(`no name, ${kHostile}`, "chat");
      assert.deepEqual((await said(page, 2))[0], ["Somebody", `no name, ${kHostile}`]);
      assert.equal(await page.$$eval("#said b *, #said span *", ({ length }) => length), 0);
      assert.equal(await page.title(), "A chat");
      assert.deepEqual(faults.all, []);
      await say(page, "x".repeat(5000), "too long");
      await shows(page, "notice", /\w/);
    });
  });

  it("board: each share has a price, and most that come are replaced unseen", async () => {
    await withExample(browser, "board/board", async ({ page, faults }) => {
      await hasPrices(page, 8);
      await shows(page, "come", /^\d{4,}$/);
      await shows(page, "replaced", /^\d{3,}$/);
      const [come, replaced] = await page.$$eval("output", (outputs) => outputs.map(({ value }) => Number(value)));
      assert.ok(replaced > come / 2, `${replaced} of ${come}`);
      assert.deepEqual(faults.all, []);
    });
  });

  it("telemetry: the robot's way is drawn", async () => {
    await withExample(browser, "telemetry", async ({ page, faults }) => {
      await shows(page, "heading", /^\d+\.\d\d$/);
      await hasBeen(page, 0, 0, 300, 300);
      assert.deepEqual(faults.all, []);
    });
  });

  it("progress: the bar comes to its end, and the browser does not come back", async () => {
    await withExample(browser, "progress", async ({ page }) => {
      await shows(page, "text", /^100 %$/);
      assert.equal(await page.$eval("#bar", ({ value }) => value), 100);
      await page.waitForFunction("source.readyState === EventSource.CLOSED");
    });
  });

  it("log tail: lines come as they are written, markup as characters", async () => {
    await withLog(browser, ["one", "two"], async ({ page, faults, write }) => {
      await shows(page, "log", /^one\ntwo\n$/);
      write(kHostile);
      await shows(page, "log", /bold/);
      assert.equal(await page.$eval("#log", ({ textContent }) => textContent), `one\ntwo\n${kHostile}\n`);
      assert.equal(await page.$eval("#log", ({ childElementCount }) => childElementCount), 0);
      assert.deepEqual(faults.all, []);
    });
  });
});
