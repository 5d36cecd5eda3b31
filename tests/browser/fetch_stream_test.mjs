// What client_wasm's FetchStream does in the browser that TIDINGS_BROWSER names, by the page in the folder that
// TIDINGS_FOLLOWER is. run.mjs sets them and counts.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";

import { launch } from "./browsers.mjs";
import { Follower } from "./follower.mjs";
import { FollowerServer } from "./follower_server.mjs";

const kBrowser = process.env.TIDINGS_BROWSER;

describe(`A FetchStream in ${kBrowser}`, { timeout: 200_000 }, () => {
  let browser, context, server;

  before(async () => {
    browser = await launch(kBrowser);
  });
  after(async () => {
    await browser?.close();
  });
  beforeEach(async () => {
    server = await FollowerServer.start(process.env.TIDINGS_FOLLOWER, "fetcher");
    context = await browser.createBrowserContext();
  });
  afterEach(async () => {
    await context?.close();
    server?.close();
  });

  const open = (words) => Follower.open(context, `${server.url}?${words}`);
  const accept = () => (server.answer = { status: 200, type: "text/event-stream" });

  it("asks with its fields and its body, and gives what comes", async () => {
    const follower = await open("posts");
    await follower.tells("open");
    const { method, headers, body } = server.latest;
    assert.deepEqual([method, headers.authorization, headers.accept], ["POST", "Bearer x.y.z", "text/event-stream"]);
    assert.equal(body, "a question \u{1F4F0}");
    const texts = ["a", "a\0b", "\u{1F4F0}\u20AC", "<script>alert(1)</script>", "two\nlines"];
    texts.forEach((text) => server.publish(text));
    await follower.tells(`event ${texts.length} ${texts.at(-1)}`);
    assert.deepEqual(await follower.events(), texts.map((text, i) => `event ${i + 1} ${text}`));
    server.cut();
    await follower.tells("closed ended");
  });

  it("says what a refusal says, and keeps its Retry-After", async () => {
    const type = "application/problem+json";
    server.answer = { status: 503, type, headers: { "retry-after": "1" }, body: JSON.stringify({ detail: "Full." }) };
    const follower = await open("reopens");
    await follower.tells("waiting refused 503 1000 Full.");
    const refused = server.latest.at;
    accept();
    await follower.tells("open");
    assert.ok(server.latest.at - refused >= 1000);
  });

  for (const answer of [
    { status: 401, type: "text/plain", body: "no", told: "closed refused 401 0 no" },
    { status: 200, type: "text/html", body: "<p>", told: "closed refused 200 0 <p>" },
    { status: 204, type: "text/event-stream", told: "closed refused 204 0 " },
  ]) {
    it(`is closed where the answer is ${answer.status} ${answer.type}`, async () => {
      server.answer = answer;
      const follower = await open("");
      await follower.tells(answer.told);
    });
  }

  for (const [how, reason] of [["cut", "ended"], ["tear", "lost"]]) {
    it(`goes on behind its last event where the stream is ${reason}`, async () => {
      const follower = await open("");
      await follower.tells("open");
      server.publish("a");
      await follower.tells("event 1 a");
      server[how]();
      server.publish("b");
      await follower.tells(`waiting ${reason}`);
      await follower.tells("event 2 b");
      assert.equal(server.latest.headers["last-event-id"], "1");
    });
  }

  it("gives up an attempt that hangs", async () => {
    server.hangs = true;
    const follower = await open("hurries");
    await follower.tells("waiting silent");
    server.hangs = false;
    await follower.tells("open");
  });

  it("notices a stream that is silent, and a comment keeps one open", async () => {
    const follower = await open("watches");
    await follower.tells("open");
    await follower.tells("waiting silent");
    await follower.tells("open");
    const beat = setInterval(() => server.comment(), 200);
    try {
      await new Promise((resolve) => setTimeout(resolve, 2500)); // two and a half times what it bears
    } finally {
      clearInterval(beat);
    }
    assert.equal((await follower.all()).at(-1), "open");
  });

  // Firefox takes what comes into its own memory, read or not.
  it("paused it gives out nothing, and in Chromium what it does not read the server can't send", async (test) => {
    const follower = await open("");
    await follower.tells("open");
    server.publish("pause");
    await follower.tells("event 1 pause");
    const taken = await server.flood(256 * 1024 * 1024, 1500);
    test.diagnostic(`${taken} bytes were taken meanwhile`);
    assert.deepEqual(await follower.events(), ["event 1 pause"]);
    await follower.tells("resumed");
    await follower.tells("event 1 65528");
    if (kBrowser === "chromium") assert.ok(taken < 64 * 1024 * 1024, `${taken} bytes`);
  });
});
