// Measures a page in plain JavaScript beside the same page in C++, in each browser, by turns: `bazel run //bench/page`, or
// node bench/page/run.mjs SERVER [ROUNDS]. A page is loaded by a browser that has nothing of it, shows the first event, and
// then again with many events: how many a second it takes through to its elements.
import { resolve } from "node:path";

import { kBrowserNames, launch } from "../../tests/browser/browsers.mjs";
import { within } from "../../tests/browser/deadline.mjs";
import { Server } from "../../tests/browser/server.mjs";

const kEvents = 100_000;
const kLongest = 30_000; // milliseconds
const kNoise = 0.2; // the spread of ratios from which on a machine is too noisy to print any
const kPages = ["plain", "counter", "reopening"];
const kNames = { plain: "plain JavaScript", counter: "C++", reopening: "C++ with Reopening" };

const [program, rounds = "7"] = process.argv.slice(2);

// Runs in the page before anything of its own. Resolves to milliseconds since the navigation began: when the stream was
// open, when the first event is in its element, and when the last one is.
function watch(events) {
  let openAt, firstAt;
  globalThis.EventSource = class extends EventSource {
    constructor(...args) {
      super(...args);
      this.addEventListener("open", () => (openAt ??= performance.now()));
    }
  };
  globalThis.benchSeen = new Promise((resolve) => {
    new MutationObserver(() => {
      const count = Number(document.getElementById("count")?.textContent);
      if (count > 0) firstAt ??= performance.now();
      if (count === events) resolve({ openAt, firstAt, lastAt: performance.now() });
    }).observe(document, { childList: true, characterData: true, subtree: true });
  });
}

async function see(browser, server, name, events) {
  await fetch(new URL(`/events/${events}`, server.url));
  const context = await browser.createBrowserContext(); // with an empty cache
  try {
    const page = await context.newPage();
    page.on("pageerror", (error) => console.error(`${name}: ${error.message}`));
    await page.evaluateOnNewDocument(watch, events);
    await page.goto(new URL(`/${name}.html`, server.url).href, { waitUntil: "domcontentloaded" });
    return await within(kLongest, `${events} events on ${name}`, page.evaluate(() => globalThis.benchSeen));
  } finally {
    await context.close();
  }
}

function quantile(sorted, part) {
  const at = (sorted.length - 1) * part;
  const low = sorted[Math.floor(at)];
  return low + (sorted[Math.ceil(at)] - low) * (at % 1);
}

function summary(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return { low: quantile(sorted, 0.25), median: quantile(sorted, 0.5), high: quantile(sorted, 0.75) };
}

const spread = ({ low, median, high }) => (high - low) / median;
const show = ({ low, median, high }, digits) => [median, low, high].map((value) => value.toFixed(digits)).join(" | ");

function tell(title, goal, digits, values) {
  console.log(`\n${title}\n\n| | median | lower quartile | upper quartile | to plain, ${goal} |\n| --- | --- | --- | --- | --- |`);
  for (const name of kPages) {
    const ratio = summary(values[name].map((value, i) => value / values.plain[i])); // of the same round
    const shown = spread(ratio) > kNoise ? `too noisy: ${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}` : ratio.median.toFixed(2);
    console.log(`| ${kNames[name]} | ${show(summary(values[name]), digits)} | ${shown} |`);
  }
}

async function measure(browserName, server) {
  const ticks = Object.fromEntries(kPages.map((name) => [name, []]));
  const rates = Object.fromEntries(kPages.map((name) => [name, []]));
  const browser = await launch(browserName, {
    networkEnabled: false, // else Chromium tells us of every event
    protocolTimeout: 2 * kLongest,
  });
  try {
    for (let round = -1; round < Number(rounds); ++round) {
      const pages = round % 2 ? kPages : kPages.toReversed();
      for (const name of pages) {
        const { firstAt } = await see(browser, server, name, 1);
        const { openAt, lastAt } = await see(browser, server, name, kEvents);
        if (round < 0) continue; // to warm up
        ticks[name].push(firstAt);
        rates[name].push(kEvents / (lastAt - openAt));
      }
    }
  } finally {
    await browser.close();
  }
  console.log(`\n## ${browserName}, ${rounds} rounds`);
  tell("From the navigation to the first event in its element, ms", "at most 1.3", 1, ticks);
  tell(`${kEvents.toLocaleString("en")} events through to the elements, thousands a second`, "at least 0.9", 1, rates);
}

const server = await Server.run(resolve(program));
try {
  for (const browserName of kBrowserNames) await measure(browserName, server);
} finally {
  await server.stop();
}
