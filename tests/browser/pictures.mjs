// Pictures of the page, for eyes: at work in a window, at work on a phone in the dark, and without its server.
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
export const kPhone = { width: 375, height: 667, deviceScaleFactor: 2 };

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

// Takes the named pictures into the folder, of: open, phone, reconnecting. Chromium's alone: Firefox can't be told of a
// colour scheme. Once `events` ticks have come. Returns { path, width, height } of each, in pixels.
export async function takePictures(browser, folder, names = ["open", "phone", "reconnecting"], events = 1) {
  const taken = [];
  const server = await Server.start();
  const page = await browser.newPage();
  page.setDefaultTimeout(kPatience);
  const picture = async (name, viewport, scheme) => {
    if (!names.includes(name)) return;
    const path = join(folder, `${name}.png`);
    await take(page, viewport, scheme, path);
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
    await picture("open", kWindow, "light");
    await picture("phone", kPhone, "dark");
    await server.stop();
    await shown.until("the loss of the connection", ({ state }) => state === "reconnecting");
    await picture("reconnecting", kWindow, "light");
  } finally {
    await page.close();
    await server.stop();
  }
  return taken;
}
