// Pictures of the page, for eyes: at work in a window, in the dark and on a phone, without its server, with one that does
// not answer or refuses, in a browser without event streams, and with what a channel has to tell of losses.
import { join } from "node:path";

import { ChannelView } from "./channel_view.mjs";
import { kPatience } from "./deadline.mjs";
import { Server } from "./server.mjs";
import { Shown } from "./shown.mjs";

const kPublished = [
  "Line 4 is closed at Harbour Street",
  "Line 4: buses run every 10 minutes",
  "Line 4 is open again",
  "<b>Text</b> is only ever text",
];

const kWindow = { width: 1200, height: 750, deviceScaleFactor: 2 };
const kPhone = { width: 375, height: 667, deviceScaleFactor: 2 };

// A channel that has lost events, and takes none.
const kGap = `data: ${kPublished[2]}
id: e-7

event: gap
data: {"channel":"demo","asked":"e-7","first":"e-12"}
id: e-11

`;
function lose(request) {
  if (request.url().includes("/events")) return request.continue();
  if (request.method() === "GET") return request.respond({ contentType: "text/event-stream", body: kGap });
  return request.respond({ status: 503, contentType: "text/plain", body: "The server is going away: try again shortly." });
}

async function showsNotices(page) {
  const channel = new ChannelView(page);
  await channel.entries(2);
  await channel.publish(kPublished[0]);
  await channel.notice("try again");
}

const shows = (wanted) => (page, shown) => shown.until(wanted, ({ state }) => state === wanted);

// The pictures of a page apart(), each when `until` has resolved.
export const kStates = {
  connecting: { answer: () => {}, until: shows("connecting"), viewport: kWindow },
  waiting: { answer: (request) => request.respond({ status: 503, body: "" }), until: shows("waiting"), viewport: kWindow },
  closed: { prepare: () => delete globalThis.EventSource, until: shows("closed"), viewport: kWindow },
  notices: { answer: lose, until: showsNotices, viewport: kPhone },
};

const kAll = ["open", "dark", "phone", "reconnecting", ...Object.keys(kStates)];

// Has `use` done with a page in a browser context of its own, since tabs of one share their streams. `prepare` runs in
// the page before anything of its own; `answer` takes the requests for its event streams and those that publish.
export async function apart(browser, url, { prepare = () => {}, answer = (request) => request.continue() }, use) {
  const context = await browser.createBrowserContext();
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(kPatience);
    const shown = await Shown.of(page);
    await page.evaluateOnNewDocument(() => delete globalThis.SharedWorker); // whose requests are not the page's
    await page.evaluateOnNewDocument(prepare);
    await page.setRequestInterception(true);
    page.on("request", (request) => {
      const isForStreams = /^\/(events|channels)/.test(new URL(request.url()).pathname);
      return isForStreams ? answer(request) : request.continue();
    });
    await page.goto(url);
    await use(page, shown);
  } finally {
    await context.close();
  }
}

// When nothing on the page is on its way from one look to another any more. The lamp's blinking is no such way.
async function settled(page) {
  await page.evaluate(async () => {
    const isOnItsWay = (animation) => animation instanceof CSSTransition;
    await Promise.allSettled(document.getAnimations().filter(isOnItsWay).map((animation) => animation.finished));
  });
}

async function take(page, viewport, scheme, path) {
  await page.setViewport(viewport);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await settled(page);
  await page.screenshot({ path });
}

// Takes the named pictures into the folder, once `events` ticks have come. Chromium's alone: Firefox can't be told of a
// colour scheme. Returns { path, width, height } of each, in pixels.
export async function takePictures(browser, folder, names = kAll, events = 1) {
  const taken = [];
  const server = await Server.start();
  const page = await browser.newPage();
  page.setDefaultTimeout(kPatience);
  const picture = async (name, viewport, scheme, of = page) => {
    if (!names.includes(name)) return;
    const path = join(folder, `${name}.png`);
    await take(of, viewport, scheme, path);
    const scale = viewport.deviceScaleFactor;
    taken.push({ path, width: viewport.width * scale, height: viewport.height * scale });
  };
  try {
    const shown = await Shown.of(page);
    await page.goto(server.url);
    const isLive = (now) => now.state === "open" && now.events !== "0";
    await shown.until("the first event", isLive);
    for (let i = 1; i < events; i++) await shown.until("the next event", isLive);
    const channel = new ChannelView(page);
    await channel.is("open");
    for (const text of kPublished) await server.publish(text);
    await channel.newest(kPublished.at(-1));
    await picture("open", kWindow, "light");
    await picture("dark", kWindow, "dark");
    await picture("phone", kPhone, "dark");
    for (const [name, state] of Object.entries(kStates).filter(([name]) => names.includes(name))) {
      await apart(browser, server.url, state, async (other, seen) => {
        await state.until(other, seen);
        await picture(name, state.viewport, "light", other);
      });
    }
    await server.endsWell();
    await shown.until("the loss of the connection", ({ state }) => state === "reconnecting");
    await picture("reconnecting", kWindow, "light");
  } finally {
    await page.close();
    await server.stop();
  }
  return taken;
}
