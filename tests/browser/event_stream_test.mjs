// The conformance table of tests/data/event_stream against a browser's own EventSource, which gets each case's bytes
// from a server, whole and then byte by byte: node tests/browser/event_stream_test.mjs chromium|firefox|webkit
// Fails where the browser differs from the standard and the case does not say so, where a difference that a case names
// is gone, and where too few cases were seen. All cases are open at once: most of the time is the browsers' wait before
// they reconnect.
import { isDeepStrictEqual } from "node:util";

import { kBrowserNames, launch } from "./browsers.mjs";
import { kPatience, within } from "./deadline.mjs";
import { possibleTypes, readCases } from "./event_stream_cases.mjs";
import { EventStreamServer } from "./event_stream_server.mjs";

const kFewestCases = 150;
const kLongestWait = 8_000; // milliseconds; no reconnect that is later is waited for
const kLongest = 6 * kPatience; // for all cases
const kDefaultReconnectionTime = { chromium: 3_000, firefox: 5_000, webkit: 3_000 }; // milliseconds

// Runs in the page. Follows all sources until those that reconnect soon have done so and been told to stop. Resolves to
// [{ ended, events }]: whether the source saw the end of its stream, and what it dispatched.
function follow(sources, types, patience) {
  const outcomes = sources.map(() => ({ ended: false, events: [] }));
  const waits = sources.map(({ isLate }, index) => new Promise((resolve) => {
    const { events } = outcomes[index];
    const source = new EventSource(`/${index}`);
    const onEvent = (event) => {
      if (event instanceof MessageEvent) {
        events.push({ type: event.type, data: event.data, last_event_id: event.lastEventId });
      } else if (event.type === "error") {
        outcomes[index].ended = isLate || source.readyState === EventSource.CLOSED;
        if (outcomes[index].ended) resolve();
      }
    };
    for (const type of types) source.addEventListener(type, onEvent);
  }));
  return Promise.race([Promise.all(waits), new Promise((resolve) => setTimeout(resolve, patience))])
    .then(() => outcomes);
}

// HTTP takes the white space around a header field's value off.
const inHeader = (id) => id.replace(/^[ \t]+|[ \t]+$/g, "");

// Whether a browser did what `outcome` says. A time is a lower bound: a busy machine may be late, none is early.
function matches(outcome, { events, lastEventId, waited }, defaultTime) {
  const time = outcome.reconnection_time ?? defaultTime;
  return isDeepStrictEqual(events, outcome.events)
    && (waited === undefined ? time > kLongestWait : waited >= time && lastEventId === inHeader(outcome.last_event_id));
}

async function observe(browser, cases, isByteByByte) {
  const server = await EventStreamServer.start(cases, isByteByByte);
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    const sources = cases.map(({ reconnection_time: time }) => ({ isLate: time > kLongestWait }));
    const types = [...new Set(["open", "error", "message", ...cases.flatMap(possibleTypes)])];
    const outcomes = await within(kLongest + kPatience, "the page", page.evaluate(follow, sources, types, kLongest));
    return outcomes.map((outcome, index) => {
      const { ended, back, lastEventId } = server.visit(index);
      return { ...outcome, lastEventId, waited: back === undefined ? undefined : back - ended };
    });
  } finally {
    server.close();
  }
}

// What a browser is said to do with a case, if anything; byte by byte it may be something else, or null.
function deviationOf(name, { deviations = {} }, isByteByByte) {
  const { [`${name}_byte_by_byte`]: byteByByte = deviations[name] } = deviations;
  return isByteByByte ? byteByByte : deviations[name];
}

// A fault's sentence, if it has one.
function judge(name, test, deviation, observed) {
  // The connection before has set a short one, so that the case's own starts soon.
  const defaultTime = test.starting_last_event_id === undefined ? kDefaultReconnectionTime[name] : 0;
  const isStandard = matches(test, observed, defaultTime);
  const isNamed = deviation !== undefined && matches({ ...test, ...deviation }, observed, defaultTime);
  if (!observed.ended) return "it did not see the end of the stream";
  if (isStandard && deviation) return "it does what the standard says: the named deviation is gone";
  if (!isStandard && deviation && !isNamed) return "it differs, but not as the case's deviation says";
  if (!isStandard && !deviation) return "it differs from the standard";
  return undefined;
}

// Prints what differs; returns how many faults there are.
async function compare(name, browser, cases, isByteByByte) {
  const start = performance.now();
  const observed = await observe(browser, cases, isByteByByte);
  let faults = 0;
  let named = 0;
  cases.forEach((test, index) => {
    const deviation = deviationOf(name, test, isByteByByte);
    const fault = judge(name, test, deviation, observed[index]);
    if (fault) {
      faults += 1;
      const { events, last_event_id, reconnection_time } = test;
      console.log(`${test.name}: ${fault}`);
      console.log(`  standard: ${JSON.stringify({ events, last_event_id, reconnection_time })}`);
      if (deviation) console.log(`  named:    ${JSON.stringify(deviation)}`);
      console.log(`  observed: ${JSON.stringify(observed[index])}`);
    } else if (deviation) {
      named += 1;
      console.log(`${test.name}: ${deviation.because}`);
    }
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${name}, ${isByteByByte ? "byte by byte" : "whole"}: ${cases.length} cases, `
    + `${cases.length - faults - named} as the standard says, ${named} as a deviation named by the case, `
    + `${faults} faults, ${seconds} s.`);
  return faults;
}

async function main(name) {
  if (!kBrowserNames.includes(name)) throw new Error(`Which browser? One of ${kBrowserNames.join(", ")}.`);
  const cases = readCases();
  const browser = await launch(name, { protocolTimeout: kLongest + 2 * kPatience });
  let faults = 0;
  try {
    for (const isByteByByte of [false, true]) faults += await compare(name, browser, cases, isByteByByte);
  } finally {
    await browser.close();
  }
  if (cases.length < kFewestCases) throw new Error(`There are fewer than ${kFewestCases} cases.`);
  if (faults > 0) process.exitCode = 1;
}

await main(process.argv[2]);
