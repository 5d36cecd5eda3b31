// The pages of the examples, as who looks at them sees them: each is opened from its own program, on a free port, and
// followed until it shows what it is there for. For tests, and for the pictures in docs/EXAMPLES.md.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { kPatience } from "./deadline.mjs";
import { Faults } from "./faults.mjs";
import { Server } from "./server.mjs";

// Has `use` done with the page of a program of examples/, its server and its faults.
export async function withExample(browser, program, use) {
  const server = await Server.startOther(program);
  try {
    const page = await browser.newPage();
    try {
      page.setDefaultTimeout(kPatience);
      const faults = await Faults.of(page, server.url);
      await page.goto(server.url);
      await use({ page, server, faults });
    } finally {
      await page.close();
    }
  } finally {
    await server.endsWell();
  }
}

// The same for the log tail, with a log of these lines, and a function that writes more of them.
export async function withLog(browser, lines, use) {
  const folder = mkdtempSync(join(tmpdir(), "tidings-log-"));
  const file = join(folder, "a.log");
  const text = (lines) => lines.map((line) => `${line}\n`).join("");
  writeFileSync(file, text(lines));
  process.env.LOG_FILE = file;
  try {
    const write = (...more) => appendFileSync(file, text(more));
    await withExample(browser, "log_tail", (example) => use({ ...example, write }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export async function say(page, name, text) {
  await page.bringToFront();
  await page.$eval(
    "#name",
    (input, name) => {
      input.value = name;
      input.dispatchEvent(new Event("input"));
    },
    name,
  );
  await page.type("#text", text);
  await page.keyboard.press("Enter");
}

// Resolves to the entries of the chat, [name, text] each, the newest first, once there are so many.
export async function said(page, count) {
  await page.bringToFront(); // the browser draws nothing behind it
  await page.waitForFunction((count) => document.querySelectorAll("#said li").length === count, {}, count);
  return page.$$eval("#said li", (entries) =>
    entries.map(({ children }) => [...children].map(({ textContent }) => textContent)),
  );
}

// Resolves once the element's text matches.
export const shows = (page, id, pattern) =>
  page.waitForFunction(
    (id, source) => new RegExp(source).test(document.getElementById(id).textContent),
    {},
    id,
    pattern.source,
  );

// Resolves once the board has a price for each of so many shares.
export const hasPrices = (page, count) =>
  page.waitForFunction(
    (count) => {
      const prices = [...document.querySelectorAll("#board td")];
      return prices.length === count && prices.every(({ textContent }) => /^\d+\.\d\d$/.test(textContent));
    },
    {},
    count,
  );

// Resolves once the robot has been in this part of its canvas, in pixels.
export const hasBeen = (page, ...part) =>
  page.waitForFunction(
    (...part) => document.getElementById("way").getContext("2d").getImageData(...part).data.some((byte) => byte > 0),
    {},
    ...part,
  );
