// Pages of other origins in the browser that TIDINGS_BROWSER names, against the server that TIDINGS_SERVER is: what one that
// is allowed can do by fetch, preflights and all, and that others can't. run.mjs sets the variables and counts.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, beforeEach, describe, it } from "node:test";

import { kPatience, within } from "./deadline.mjs";
import { Server } from "./server.mjs";
import { useSite } from "./site.mjs";

const kBrowser = process.env.TIDINGS_BROWSER;
const kToken = "a-token";

// Runs in the page. { status, body, retryAfter } of an answer that the page may read; { error } where it may not.
async function ask(url, options) {
  try {
    const response = await fetch(url, options);
    return { status: response.status, body: await response.json(), retryAfter: response.headers.get("retry-after") };
  } catch (error) {
    return { error: error.name };
  }
}

// Runs in the page. The first events of a stream that is followed by fetch: their blocks, to the `count`th blank line.
async function follow(url, headers, count) {
  const abort = new AbortController();
  const response = await fetch(url, { headers, signal: abort.signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (text.split("\n\n").length <= count) text += (await reader.read()).value;
  abort.abort();
  return text.split("\n\n").slice(0, count);
}

describe(`A page of another origin in ${kBrowser}`, { timeout: 200_000 }, () => {
  const site = useSite();
  const pages = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>Elsewhere</title>");
  });
  let page, url;

  before(async () => {
    pages.listen(0, "localhost");
    await once(pages, "listening");
  });
  after(() => {
    pages.close();
    pages.closeAllConnections();
  });

  const elsewhere = () => `http://localhost:${pages.address().port}`;

  beforeEach(async () => {
    await site.server.endsWell();
    site.server = await Server.start(0, "--cors_origin", elsewhere(), "--publish_token", kToken);
    url = (path) => new URL(path, site.server.url).href;
    page = await site.newPage();
    await page.goto(elsewhere());
  });

  const inPage = (...all) => within(kPatience, "the page", page.evaluate(...all));

  it("follows a channel by fetch, and goes on where it was with fields of its own", async () => {
    const [begin] = await inPage(follow, url("/channels/demo"), {}, 1);
    const place = /^event: begin\ndata: \{\}\nid: (\S+)$/m.exec(begin)[1];
    const ids = [await site.server.publish("1"), await site.server.publish("2")];
    const headers = { "Last-Event-ID": place, "Datastar-Request": "true" };
    const blocks = await inPage(follow, url("/channels/demo"), headers, 2);
    assert.deepEqual(blocks.map((block) => /^data: .*\nid: .*$/m.exec(block)[0]), [
      `data: 1\nid: ${ids[0]}`,
      `data: 2\nid: ${ids[1]}`,
    ]);
  });

  it("reads the sentence with which a stream is refused", async () => {
    const kRefused = { "/channels/!!": 400, "/events?interval_ms=5": 400, "/channels?name=": 400, "/nothing": 404 };
    for (const [path, status] of Object.entries(kRefused)) {
      const answer = await inPage(ask, url(path));
      assert.equal(answer.status, status, path);
      assert.match(answer.body.detail, /^(\S+ ){3}/, path);
    }
    const { body } = await inPage(ask, url("/channels/!!"), { headers: { "Last-Event-ID": "e-1" } });
    assert.match(body.detail, /^(\S+ ){3}/, "behind a preflight");
  });

  it("publishes with the token, and reads why it may not without", async () => {
    const post = (token) => ({ method: "POST", body: "hello", headers: { Authorization: `Bearer ${token}` } });
    const published = await inPage(ask, url("/channels/news"), post(kToken));
    assert.equal(published.status, 200);
    assert.match(published.body.id, /-1$/);
    for (const options of [post("another"), { method: "POST", body: "hello" }]) {
      const refused = await inPage(ask, url("/channels/news"), options);
      assert.equal(refused.status, 401);
      assert.match(refused.body.detail, /^[A-Z].*token.*\.$/);
    }
  });

  it("reads after how long it may publish again where it was too often", async () => {
    const refused = await inPage(async (url) => {
      for (;;) {
        const response = await fetch(url, { method: "POST", body: "x" });
        if (response.status !== 200) return [response.status, response.headers.get("retry-after")];
      }
    }, url("/channels/demo"));
    assert.equal(refused[0], 429);
    assert.match(refused[1], /^\d+$/);
  });

  it("can do none of it where its origin is not allowed", async () => {
    await page.goto(elsewhere().replace("localhost", "127.0.0.1"));
    for (const options of [{}, { headers: { "Last-Event-ID": "e-1" } }, { method: "POST", body: "x" }]) {
      assert.deepEqual(await inPage(ask, url("/channels/demo"), options), { error: "TypeError" });
    }
    await page.goto(elsewhere());
    const { body } = await inPage(ask, url("/channels/demo"), { method: "POST", body: "the first" });
    assert.match(body.id, /-1$/, "nothing was published before");
  });
});
