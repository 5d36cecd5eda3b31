// Takes the pictures of docs/EXAMPLES.md anew, which takes a quarter of a minute:
// ./bazelw build //examples/... && node tests/browser/example_screenshots.mjs
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { launch } from "./browsers.mjs";
import { hasBeen, hasPrices, said, say, shows, withExample, withLog } from "./example_pages.mjs";

const kLog = [
  "06:40:11 motor 2: 41.2 °C",
  "06:40:12 gripper: closed",
  "06:40:12 motor 2: 41.3 °C",
  "06:40:13 battery: 87 %",
];
const kSaid = [
  ["Ada", "The robot is at the dock."],
  ["Grace", "Is it charging?"],
  ["Ada", "Since 06:40, yes."],
  ["Eve", "<b>Text</b> is only ever text."],
];

const root = new URL("../../", import.meta.url);
const folder = fileURLToPath(new URL("docs/examples", root));
process.env.TIDINGS_EXAMPLE ??= fileURLToPath(new URL("bazel-bin/examples/page/page", root));

mkdirSync(folder, { recursive: true });
const browser = await launch("chromium");

async function take(page, name, height) {
  await page.setViewport({ width: 520, height, deviceScaleFactor: 1.5 });
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path });
  console.log(path);
}

try {
  await withExample(browser, "telemetry", async ({ page }) => {
    await hasBeen(page, 0, 0, 300, 300);
    await shows(page, "heading", /^[4-9]\.|^\d\d/); // the tail is whole by then
    await take(page, "telemetry", 440);
  });
  await withExample(browser, "progress", async ({ page }) => {
    await shows(page, "text", /^70 %$/);
    await take(page, "progress", 130);
  });
  await withLog(browser, kLog, async ({ page, write }) => {
    await shows(page, "log", /87 %/);
    write("06:40:14 <b>Text</b> is only ever text.");
    await shows(page, "log", /ever text/);
    await take(page, "log_tail", 430);
  });
  await withExample(browser, "chat/chat", async ({ page }) => {
    for (const [i, [name, text]] of kSaid.entries()) {
      await say(page, name, text);
      await said(page, i + 1);
    }
    await take(page, "chat", 480);
  });
  await withExample(browser, "board/board", async ({ page }) => {
    await hasPrices(page, 8);
    await shows(page, "come", /^[5-9]\d{3}$|^\d{5,}$/);
    await take(page, "board", 480);
  });
} finally {
  await browser.close();
}
