// Measures pages in plain JavaScript beside the same pages in C++, in each browser, by turns: `bazel run //bench/page`, or
// node bench/page/run.mjs SERVER [ROUNDS [BROWSER...]]. A page is loaded by a browser that has nothing of it, shows the
// first event, and then again with many events: how many a second it takes through to its elements.
import { resolve } from "node:path";

import { kBrowserNames, launch } from "../../tests/browser/browsers.mjs";
import { within } from "../../tests/browser/deadline.mjs";
import { Server } from "../../tests/browser/server.mjs";

const kEvents = 100_000;
const kLoads = 4; // for the first event, a round
const kLongest = 30_000; // milliseconds
// Each beside the first.
const kGroups = [
  { plain: "plain JavaScript", counter: "C++", reopening: "C++ with Reopening" },
  { json: "plain JavaScript with JSON.parse()", structs: "C++ with structs" },
];
const kPages = kGroups.flatMap(Object.keys);

const [program, rounds = "15", ...browsers] = process.argv.slice(2);

async function see(browser, server, name, events) {
  await fetch(new URL(`/events/${events}`, server.url));
  const context = await browser.createBrowserContext(); // with an empty cache
  try {
    const page = await context.newPage();
    page.on("pageerror", (error) => console.error(`${name}: ${error.message}`));
    await page.goto(new URL(`/${name}.html#${events}`, server.url).href, { waitUntil: "domcontentloaded" });
    return await within(kLongest, `${events} events on ${name}`, page.evaluate(() => globalThis.benchSeen));
  } finally {
    await context.close();
  }
}

// The median of all that could have been measured is likely (95 %, from 6 values on) from the n-th lowest of `count` values
// to the n-th highest: each value is as likely above it as below. Returns the largest such n, at least 1.
function likelyFrom(count) {
  let n = 0;
  let outcome = 0.5 ** count; // the chance that n values are below it
  for (let chance = outcome; chance <= 0.025; chance += outcome) {
    n += 1;
    outcome *= (count - n + 1) / n;
  }
  return Math.max(1, n);
}

function summary(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const n = likelyFrom(sorted.length);
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
  return { median, from: sorted[n - 1], to: sorted.at(-n) };
}

function tell(title, group, goal, digits, values) {
  const [plain] = Object.keys(group);
  console.log(`\n${title}\n\n| | median | to plain in the same round, ${goal} | likely |`);
  console.log("| --- | --- | --- | --- |");
  for (const [name, words] of Object.entries(group)) {
    const { median, from, to } = summary(values[name].map((value, i) => value / values[plain][i]));
    const shown = [summary(values[name]).median.toFixed(digits), median.toFixed(2), `${from.toFixed(2)} to ${to.toFixed(2)}`];
    console.log(`| ${words} | ${shown.join(" | ")} |`);
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
    for (const name of kPages) await see(browser, server, name, kEvents); // to warm up
    for (let round = 0; round < Number(rounds); ++round) {
      const pages = round % 2 ? kPages : kPages.toReversed();
      for (let load = 0; load < kLoads; ++load) {
        for (const name of pages.filter((name) => name in kGroups[0])) ticks[name].push((await see(browser, server, name, 1)).firstAt);
      }
      for (const name of pages) {
        const { openAt, lastAt } = await see(browser, server, name, kEvents);
        rates[name].push(kEvents / (lastAt - openAt));
      }
    }
  } finally {
    await browser.close();
  }
  console.log(`\n## ${browserName}, ${rounds} rounds of ${kLoads} loads and one stream of many events`);
  const [texts, structs] = kGroups;
  tell("From the navigation to the first event in its element, ms", texts, "at most 1.3", 1, ticks);
  const many = kEvents.toLocaleString("en");
  tell(`${many} events through to the elements, thousands a second`, texts, "at least 0.9", 1, rates);
  tell(`${many} structs of eight members through to the elements, thousands a second`, structs, "at least 0.8", 1, rates);
}

const server = await Server.run(resolve(program));
try {
  for (const browserName of browsers.length > 0 ? browsers : kBrowserNames) await measure(browserName, server);
} finally {
  await server.stop();
}
