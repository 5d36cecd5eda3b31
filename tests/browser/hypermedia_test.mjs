// The pages of examples/hypermedia in the browser that TIDINGS_BROWSER names, from the server that TIDINGS_SERVER is. Their
// libraries come from npm where the pages have them from a CDN; it is the integrity in the page that says whether they are
// the same. run.mjs sets the variables and counts.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { launch } from "./browsers.mjs";
import { kPatience } from "./deadline.mjs";
import { Proxy } from "./proxy.mjs";
import { Server } from "./server.mjs";

const kBrowser = process.env.TIDINGS_BROWSER;
const kToken = "a-token";
const kPages = fileURLToPath(new URL("../../examples/hypermedia", import.meta.url));
const kFromCdn = /^https:\/\/cdn\.jsdelivr\.net\/npm\/((?:@[\w-]+\/)?[\w.-]+)@([^/]+)\/(.*)$/;

// How each page is told something, and where it shows it.
const kExamples = {
  htmx: { body: (text) => `<li>${text}</li>`, shows: "#news li", keeps: true },
  turbo: {
    body: (text) => `<turbo-stream action="prepend" target="news"><template><li>${text}</li></template></turbo-stream>`,
    shows: "#news li",
    keeps: true,
  },
  datastar: {
    body: (text) => `fragments <p id="weather">${text}</p>`,
    query: "?event=datastar-merge-fragments",
    shows: "#weather",
  },
};

// The file of an npm package, of the version that the page asks for.
function fromPackage(url) {
  const [, name, version, path] = kFromCdn.exec(url);
  const read = (file) => readFileSync(new URL(`node_modules/${name}/${file}`, import.meta.url), "utf8");
  assert.equal(JSON.parse(read("package.json")).version, version, `the version of ${name}`);
  return read(path);
}

describe(`Examples without a script of their own in ${kBrowser}`, { timeout: 200_000 }, () => {
  let browser, page, proxy, server;

  before(async () => {
    browser = await launch(kBrowser);
  });
  after(() => browser?.close());
  beforeEach(async () => {
    server = await Server.start(0, "--web_root", kPages, "--web_policy", "", "--publish_token", kToken, "--retry_ms", "200");
    proxy = await Proxy.to(server.url);
    page = await browser.newPage();
    page.setDefaultTimeout(kPatience);
    await page.setRequestInterception(true);
    page.on("request", (request) => {
      if (!kFromCdn.test(request.url())) return request.continue();
      const headers = { "access-control-allow-origin": "*" };
      return request.respond({ contentType: "text/javascript", headers, body: fromPackage(request.url()) });
    });
  });
  afterEach(async () => {
    await page?.close();
    await proxy?.cut();
    await server?.endsWell();
  });

  async function streams() {
    const text = await (await fetch(new URL("/metrics", server.url))).text();
    return Number(/^tidings_streams (\d+)$/m.exec(text)[1]);
  }
  async function until(what, isSo) {
    const start = performance.now();
    while (!(await isSo())) {
      assert.ok(performance.now() - start < kPatience, `Waited ${kPatience} ms for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  for (const [name, { body, query = "", shows, keeps }] of Object.entries(kExamples)) {
    it(`${name}.html shows what is published, each once, and what it has missed when it comes back`, async () => {
      const publish = async (text) => {
        const url = new URL(`/channels/news${query}`, server.url);
        const headers = { Authorization: `Bearer ${kToken}` };
        assert.equal((await fetch(url, { method: "POST", headers, body: body(text) })).status, 200);
      };
      const shown = () => page.$$eval(shows, (all) => all.map(({ textContent }) => textContent));
      const sees = async (...texts) => {
        const expected = keeps ? texts.toReversed() : texts.slice(-1);
        await until(`${expected} in ${name}.html`, async () => `${await shown()}` === `${expected}`);
      };
      await page.goto(`${proxy.url}/${name}.html`);
      await until("its stream", async () => (await streams()) === 1);
      await publish("first");
      await sees("first");
      await publish("second");
      await sees("first", "second");
      await proxy.cut();
      await publish("third");
      await until("the end of its stream", async () => (await streams()) === 0);
      await publish("fourth");
      await proxy.mend();
      await sees("first", "second", "third", "fourth");
    });
  }
});
