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

export const kWindow = { width: 1200, height: 750, deviceScaleFactor: 2 };
const kAll = ["open", "dark", "phone", "reconnecting", "connecting", "waiting", "closed", "notices"];
export const kPhone = { width: 375, height: 667, deviceScaleFactor: 2 };

// When nothing on the page is on its way from one look to another any more. The lamp's blinking is no such way.
async function settled(page) {
  await page.evaluate(async () => {
    const isOnItsWay = (animation) => animation instanceof CSSTransition;
    await Promise.allSettled(document.getAnimations().filter(isOnItsWay).map((animation) => animation.finished));
  });
}

// `drawn`: resolves when the page has drawn anew what it draws by itself.
async function take(page, viewport, scheme, path, drawn) {
  await page.setViewport(viewport);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await drawn();
  await settled(page);
  await page.screenshot({ path });
}

// Opens the page with its event streams answered by `answer`, a function of their request.
async function openWith(page, url, answer) {
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    if (/^\/(events|channels)/.test(new URL(request.url()).pathname)) return answer(request);
    return request.continue();
  });
  await page.goto(url);
}

const kAnswers = {
  connecting: () => {},
  waiting: (request) => request.respond({ status: 503, body: "" }),
  closed: (request) => request.continue(), // not asked: see kPrepared
};

// What runs in the page of a state before anything of its own.
const kPrepared = {
  closed: () => delete globalThis.EventSource,
};

// A channel that has lost events, and takes none.
const kGap = `id: e-7
data: ${kPublished[2]}

event: gap
data: {"channel":"demo","asked":"e-7","first":"e-12"}

`;
function notices(request) {
  if (request.url().includes("/events")) return request.continue();
  if (request.method() === "GET") return request.respond({ contentType: "text/event-stream", body: kGap });
  return request.respond({ status: 503, contentType: "text/plain", body: "The server is going away: try again shortly." });
}

// Takes the named pictures into the folder, of: all. Chromium's alone: Firefox can't be told of a
// colour scheme. Once `events` ticks have come. Returns { path, width, height } of each, in pixels.
export async function takePictures(browser, folder, names = kAll, events = 1) {
  const taken = [];
  const server = await Server.start();
  const page = await browser.newPage();
  page.setDefaultTimeout(kPatience);
  const picture = async (name, viewport, scheme, of = page, drawn = () => {}) => {
    if (!names.includes(name)) return;
    const path = join(folder, `${name}.png`);
    await take(of, viewport, scheme, path, drawn);
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
    for (const body of kPublished) await fetch(new URL("/channels/demo", server.url), { method: "POST", body });
    await channel.newest(kPublished.at(-1));
    const nextTicks = async () => {
      for (let i = 0; i < 2; i++) await shown.until("the next event", isLive); // the first may have been under way
    };
    await picture("open", kWindow, "light", page, nextTicks);
    await picture("dark", kWindow, "dark", page, nextTicks);
    await picture("phone", kPhone, "dark", page, nextTicks);
    for (const [state, answer] of Object.entries(kAnswers)) {
      if (!names.includes(state)) continue;
      const context = await browser.createBrowserContext(); // one of its own, else it has the other tab's streams
      const other = await context.newPage();
      other.setDefaultTimeout(kPatience);
      const seen = await Shown.of(other);
      await other.evaluateOnNewDocument(kPrepared[state] ?? (() => {}));
      await openWith(other, server.url, answer);
      await seen.until(state, (now) => now.state === state);
      await picture(state, kWindow, "light", other);
      await context.close();
    }
    if (names.includes("notices")) {
      const context = await browser.createBrowserContext();
      const other = await context.newPage();
      await openWith(other, server.url, notices);
      const view = new ChannelView(other);
      await view.entries(2);
      await view.publish(kPublished[0]);
      await view.entries(3);
      await picture("notices", kPhone, "light", other);
      await context.close();
    }
    await server.stop();
    await shown.until("the loss of the connection", ({ state }) => state === "reconnecting");
    await picture("reconnecting", kWindow, "light");
  } finally {
    await page.close();
    await server.stop();
  }
  return taken;
}
