// A thousand times a stream that comes, ends and is refused, in the browser that TIDINGS_BROWSER names, by the page
// reopener.cc in the folder that TIDINGS_FOLLOWER is: nothing is left over. run.mjs sets them and counts.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { launch } from "./browsers.mjs";
import { within } from "./deadline.mjs";

const kBrowser = process.env.TIDINGS_BROWSER;
const kEarly = 100; // cycles, after which everything that is made once has been made
const kLate = 1_100; // where the page ends it
const kMostGrowth = 100; // bytes of the JavaScript heap a cycle: half of them are what this test keeps of each
const kLongest = 120_000; // milliseconds

const kPage = `<!doctype html><meta charset="utf-8"><title>Reopener</title><link rel="icon" href="data:,">
<script>reopenerSeen = []; reopenerWake = () => {}; performance.setResourceTimingBufferSize(0);</script>
<script src="/reopener.js"></script>`;

// Answers /stream with one event and its end, then with 503, by turns. Holds the answer that ends a cycle where a test
// wants to look.
class Server {
  #http = createServer((request, response) => this.#take(request, response));
  #requests = 0;
  #held;
  #hold = () => {};

  async start() {
    this.#http.listen(0, "localhost");
    await once(this.#http, "listening");
    this.url = `http://localhost:${this.#http.address().port}/`;
  }
  // Resolves to the response that would end this cycle, once the page waits for it.
  holdAt(cycle) {
    this.#held = 2 * cycle;
    return new Promise((resolve) => (this.#hold = resolve));
  }
  static refuse(response) {
    response.writeHead(503).end();
  }
  close() {
    this.#http.close();
    this.#http.closeAllConnections();
  }

  #take({ url }, response) {
    if (url === "/") {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(kPage);
    } else if (["/reopener.js", "/reopener.wasm"].includes(url)) {
      const type = url.endsWith(".js") ? "text/javascript" : "application/wasm";
      response.writeHead(200, { "content-type": type }).end(readFileSync(join(process.env.TIDINGS_FOLLOWER, url)));
    } else if (++this.#requests === this.#held) {
      this.#hold(response);
    } else if (this.#requests % 2 === 0) {
      Server.refuse(response);
    } else {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(`retry: 1\nid: ${1_000_000 + this.#requests}\ndata: an event\n\n`);
    }
  }
}

describe(`Reopening in ${kBrowser}`, { timeout: 200_000 }, () => {
  let browser, page, server;

  before(async () => {
    browser = await launch(kBrowser, { protocolTimeout: kLongest });
    server = new Server();
    await server.start();
    page = await browser.newPage();
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });

  // The bytes of JavaScript's heap when garbage is gone.
  async function heap() {
    const session = await page.createCDPSession();
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    await session.detach();
    return usedSize;
  }

  it("leaves nothing behind after a thousand cycles", async (test) => {
    const looks = [];
    let held = server.holdAt(kEarly);
    await page.goto(server.url);
    for (const next of [kLate, undefined]) {
      const response = await within(kLongest, `cycle ${next ? kEarly : kLate}`, held);
      looks.push(await heap());
      if (next) held = server.holdAt(next);
      Server.refuse(response);
    }
    const seen = await within(kLongest, "the last cycle", page.evaluate(async (last) => {
      while (!reopenerSeen[last]) await new Promise((resolve) => (reopenerWake = resolve));
      return reopenerSeen;
    }, kLate));

    const [early, late, last] = [seen[kEarly], seen[kLate - 1], seen[kLate]];
    test.diagnostic(JSON.stringify({ early, late, last, looks }));
    assert.deepEqual(late, early);
    assert.deepEqual([last.sources, last.timers], [0, 0]);
    const growth = (looks[1] - looks[0]) / (kLate - kEarly);
    assert.ok(growth <= kMostGrowth, `${growth} bytes a cycle`);
  });
});
