// The page by axe's rules (npm's axe-core) in the browser that TIDINGS_BROWSER names: in each state, at three widths, in
// light and dark and with forced colours. run.mjs sets it and counts.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, it } from "node:test";

import { narrowest } from "./browsers.mjs";
import { ChannelView } from "./channel_view.mjs";
import { apart, kStates } from "./pictures.mjs";
import { Shown } from "./shown.mjs";
import { itIfWellDriven, useSite } from "./site.mjs";

const kBrowser = process.env.TIDINGS_BROWSER;
const kAxe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const kWidths = [narrowest(kBrowser), 768, 1920];

// What the page may look like; Firefox can't be told. Puppeteer itself knows no forced colours.
const kLooks = kBrowser === "chromium"
  ? [["prefers-color-scheme", "light"], ["prefers-color-scheme", "dark"], ["forced-colors", "active"]]
  : [["as", "it is"]];

// Runs in the page: what is against a rule, once nothing is on its way from one look to another.
async function violations() {
  await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
  const found = await globalThis.axe.run();
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${html} ${any[0]?.message ?? ""}`));
}

async function hasNoViolation(page) {
  await page.evaluate(kAxe);
  const session = kBrowser === "chromium" && (await page.createCDPSession());
  for (const [name, value] of kLooks) {
    if (session) await session.send("Emulation.setEmulatedMedia", { features: [{ name, value }] });
    for (const width of kWidths) {
      await page.setViewport({ width, height: 900 });
      assert.deepEqual(await page.evaluate(violations), [], `at ${width} px, ${name} ${value}`);
    }
  }
  if (session) await session.detach(); // with it goes what it emulates
}

describe(`The page by axe's rules in ${kBrowser}`, { timeout: 200_000 }, () => {
  const site = useSite();

  it("is without fault live, with all kinds of events, and when its connection is lost", async () => {
    const page = await site.newPage();
    const shown = await Shown.of(page);
    await page.goto(site.server.url);
    await shown.until("the first event", ({ state, events }) => state === "open" && events !== "0");
    const view = new ChannelView(page);
    await view.is("open");
    for (const text of ["plain", "", "x".repeat(5000)]) await site.server.publish(text, "demo?event=alarm");
    await view.entries(3);
    await hasNoViolation(page);
    await site.server.endsWell();
    await shown.until("the loss", ({ state }) => state === "reconnecting");
    await view.publish("not now");
    await view.notice("does not answer");
    await hasNoViolation(page);
  });

  for (const name of ["waiting", "closed", "notices"]) {
    itIfWellDriven(`is without fault in the state of the picture "${name}"`, async () => {
      await apart(site.browser, site.server.url, kStates[name], async (page, shown) => {
        await kStates[name].until(page, shown);
        await hasNoViolation(page);
      });
    });
  }
});
