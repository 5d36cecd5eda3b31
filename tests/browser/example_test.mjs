// The page of examples/page in the browser that TIDINGS_BROWSER names, from the server that TIDINGS_EXAMPLE is. run.mjs
// sets them and counts.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch } from "./browsers.mjs";
import { kPatience } from "./deadline.mjs";
import { Faults } from "./faults.mjs";
import { Server } from "./server.mjs";

const kBrowser = process.env.TIDINGS_BROWSER;

describe(`The example in ${kBrowser}`, { timeout: 200_000 }, () => {
  let browser, faults, page, server;

  before(async () => {
    browser = await launch(kBrowser);
    server = await Server.startExample();
    page = await browser.newPage();
    page.setDefaultTimeout(kPatience);
    faults = await Faults.of(page, server.url);
    await page.goto(server.url);
  });
  after(async () => {
    await browser?.close();
    await server?.endsWell();
  });

  const text = (id) => page.$eval(`#${id}`, ({ textContent }) => textContent);

  // Resolves to the element's text once it matches and is not `last`.
  async function next(id, pattern, last) {
    const isThere = (id, source, last) => {
      const { textContent } = document.getElementById(id);
      return textContent !== last && new RegExp(source).test(textContent);
    };
    await page.waitForFunction(isThere, {}, id, pattern.source, last);
    return text(id);
  }

  it("shows one tick after the other", async () => {
    let last = await next("time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
    for (let i = 0; i < 2; ++i) {
      const time = await next("time", /Z$/, last);
      assert.equal(Date.parse(time) - Date.parse(last), 1000);
      last = time;
    }
  });

  it("shows what is published, markup as characters", async () => {
    const body = "<script>document.title = 'run'</script><b>bold</b> \u{1F4F0}";
    await server.publish("first", "news");
    await next("news", /^first$/);
    await server.publish(body, "news");
    assert.equal(await next("news", /bold/), body);
    assert.equal(await page.$eval("#news", ({ childElementCount }) => childElementCount), 0);
    assert.equal(await page.title(), "A page in C++");
    assert.deepEqual(faults.all, []);
  });
});
