// The system's browsers: found in PATH, started without a window on a profile that is new each time, gone afterwards.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import puppeteer from "puppeteer-core";

import { kPatience } from "./deadline.mjs";
import { findProgram } from "./programs.mjs";
import { launchWebKit } from "./webkit.mjs";

// A name for this machine that is not `localhost`: pages there are in no secure context.
export const kNamedHost = "robot.example";

const kBrowsers = {
  chromium: {
    programs: ["chromium", "chromium-browser", "google-chrome"],
    options: {
      browser: "chrome",
      pipe: true, // its end is also the browser's, should this process be killed
      args: [
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        `--host-resolver-rules=MAP ${kNamedHost} localhost`,
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        ...(process.getuid() === 0 ? ["--no-sandbox"] : []), // as root it refuses to start with its sandbox
      ],
    },
  },
  firefox: {
    programs: ["firefox-esr", "firefox"],
    options: { browser: "firefox", extraPrefsFirefox: { "network.dns.localDomains": kNamedHost } },
  },
};

export const kBrowserNames = [...Object.keys(kBrowsers), "webkit"];

// Whether its driver sees, answers and stops a page's requests, tells of its messages and errors, runs what is to run
// before the page's own scripts, and knows a name for this machine: what needs that is not tried in WebKit.
export const isWellDriven = (name) => name !== "webkit";

// Pixels of the narrowest page that it shows: MiniBrowser's window has room for its buttons.
export const narrowest = (name) => (name === "webkit" ? 480 : 320);

function launchByPuppeteer(name, folder, further) {
  const { programs, options } = kBrowsers[name];
  return puppeteer.launch({
    ...options,
    executablePath: findProgram(programs),
    headless: true,
    userDataDir: join(folder, "profile"),
    env: { ...process.env, HOME: folder }, // both write below it, and there may be none
    timeout: 2 * kPatience, // a first start on a machine that has other things to do
    protocolTimeout: 2 * kPatience,
    ...further,
  });
}

// A puppeteer Browser, with further options of puppeteer's, or what stands for one in webkit.mjs. Its close() also removes
// its folder.
export async function launch(name, further = {}) {
  if (!kBrowserNames.includes(name)) {
    throw new Error(`Which browser? One of ${kBrowserNames.join(", ")}, not "${name}".`);
  }
  const folder = mkdtempSync(join(process.env.TEST_TMPDIR ?? tmpdir(), `tidings-${name}-`));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.once("exit", removeFolder);
  const browser = name === "webkit" ? await launchWebKit(folder) : await launchByPuppeteer(name, folder, further);
  const close = browser.close.bind(browser);
  browser.close = async () => {
    try {
      await close();
    } finally {
      removeFolder();
      process.off("exit", removeFolder);
    }
  };
  return browser;
}
