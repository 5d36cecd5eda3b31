// Takes the README's picture of the page anew: ./bazelw build //server && node tests/browser/screenshot.mjs
// It takes a minute and goes to docs/page.png, or to the file that is given.
import { mkdirSync, mkdtempSync, copyFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { launch } from "./browsers.mjs";
import { takePictures } from "./pictures.mjs";

const kEvents = 62; // a minute of them, for the plot

const root = new URL("../../", import.meta.url);
const output = process.argv[2] ?? fileURLToPath(new URL("docs/page.png", root));
process.env.TIDINGS_SERVER ??= fileURLToPath(new URL("bazel-bin/server/server", root));

const folder = mkdtempSync(join(tmpdir(), "tidings-screenshot-"));
const browser = await launch("chromium");
try {
  const [{ path }] = await takePictures(browser, folder, ["open"], kEvents);
  mkdirSync(dirname(output), { recursive: true });
  copyFileSync(path, output);
  console.log(output);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
