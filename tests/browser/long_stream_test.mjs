// What a tab keeps of a stream that is as long as a day's, fed as fast as it takes it, in the browser that TIDINGS_BROWSER
// names: nothing. TIDINGS_EVENTS says how many events (50,000; a day's worth is 10,000,000), the pages are in the folder
// that TIDINGS_FOLLOWER is. run.mjs sets the other variables and counts.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { launch } from "./browsers.mjs";
import { within } from "./deadline.mjs";

const kBrowser = process.env.TIDINGS_BROWSER;
const kEvents = Number(process.env.TIDINGS_EVENTS ?? 50_000);
const kEarly = 1_000; // events, after which all that is made once has been made
const kMostGrowth = 1024 * 1024; // bytes
const kLongest = 60_000 + kEvents / 5; // milliseconds

// Keeps of all that the page tells the number of events and the last one, and the program's memory.
const page = (script) => `<!doctype html><meta charset="utf-8"><title>${script}</title><link rel="icon" href="data:,">
<script>
  tidingsSeen = { events: 0, last: "", push: (text) => {
    if (!text.startsWith("event")) return;
    tidingsSeen.events += 1;
    tidingsSeen.last = text;
  } };
  tidingsWake = () => {};
  const instantiate = WebAssembly.instantiateStreaming;
  WebAssembly.instantiateStreaming = async (...all) => {
    const made = await instantiate(...all);
    tidingsMemory = Object.values(made.instance.exports).find((each) => each instanceof WebAssembly.Memory);
    return made;
  };
</script><script src="/${script}.js"></script>`;

// Gives whoever asks for /stream the first events, and the others once feed() says so.
class Server {
  #http = createServer((request, response) => this.#take(request, response));

  async start() {
    this.#http.listen(0, "localhost");
    await once(this.#http, "listening");
    this.url = `http://localhost:${this.#http.address().port}`;
  }
  async feed(from, to) {
    for (let number = from; number <= to; ) {
      let text = "";
      for (const end = Math.min(number + 999, to); number <= end; ++number) text += `data: ${number}\nid: ${number}\n\n`;
      if (!this.#response.write(text)) await once(this.#response, "drain");
    }
  }
  close() {
    this.#http.close();
    this.#http.closeAllConnections();
  }

  #response;
  #take({ url }, response) {
    const [path, script] = /^\/([^.?]*)/.exec(url);
    if (path === "/stream") {
      this.#response = response;
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      this.feed(1, kEarly);
    } else if (/\.(js|wasm)$/.test(url)) {
      const type = url.endsWith(".js") ? "text/javascript" : "application/wasm";
      response.writeHead(200, { "content-type": type }).end(readFileSync(join(process.env.TIDINGS_FOLLOWER, url)));
    } else {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page(script));
    }
  }
}

describe(`A long stream in ${kBrowser}`, { timeout: 3 * kLongest }, () => {
  let browser, server;

  before(async () => {
    browser = await launch(kBrowser, { protocolTimeout: kLongest });
    server = new Server();
    await server.start();
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });

  // Bytes without what is garbage: of JavaScript's heap, of the browser's objects for it, of the program.
  async function look(page) {
    const session = await page.createCDPSession();
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize, embedderHeapUsedSize } = await session.send("Runtime.getHeapUsage");
    await session.detach();
    return { usedSize, embedderHeapUsedSize, program: await page.evaluate(() => tidingsMemory.buffer.byteLength) };
  }

  const has = (page, events) => within(kLongest, `${events} events`, page.evaluate(async (events) => {
    while (tidingsSeen.events < events) await new Promise((resolve) => (tidingsWake = resolve));
  }, events));

  for (const [what, script] of [["an EventSource", "follower"], ["a FetchStream", "fetcher"]]) {
    it(`leaves nothing behind of ${kEvents} events with ${what}`, async (test) => {
      const page = await browser.newPage();
      await page.goto(`${server.url}/${script}`);
      await has(page, kEarly);
      const early = await look(page);
      const start = performance.now();
      await Promise.all([server.feed(kEarly + 1, kEvents), has(page, kEvents)]);
      const seconds = (performance.now() - start) / 1000;
      const late = await look(page);
      test.diagnostic(JSON.stringify({ early, late, seconds }));
      const seen = await page.evaluate(() => ({ events: tidingsSeen.events, last: tidingsSeen.last }));
      assert.deepEqual(seen, { events: kEvents, last: `event ${kEvents} ${kEvents}` }, "each once");
      const sum = (sizes) => Object.values(sizes).reduce((all, size) => all + (size ?? 0), 0);
      assert.ok(sum(late) - sum(early) <= kMostGrowth, `${sum(late) - sum(early)} bytes`);
      await page.close();
    });
  }
});
