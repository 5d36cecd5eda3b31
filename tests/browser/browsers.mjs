// The system's browsers: found in PATH, started without a window on a profile that is new each time, gone afterwards.
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import puppeteer from "puppeteer-core";

import { kPatience } from "./deadline.mjs";

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

export const kBrowserNames = Object.keys(kBrowsers);

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function findProgram(names) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
  if (!found) throw new Error(`There is no ${names.join(", ")} in PATH: apt-get install ${names[0]}`);
  return found;
}

// A puppeteer Browser, with further options of puppeteer's. Its close() also removes its folder.
export async function launch(name, further = {}) {
  if (!kBrowsers[name]) throw new Error(`Which browser? One of ${kBrowserNames.join(", ")}, not "${name}".`);
  const { programs, options } = kBrowsers[name];
  const executablePath = findProgram(programs);
  const folder = mkdtempSync(join(process.env.TEST_TMPDIR ?? tmpdir(), `tidings-${name}-`));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.once("exit", removeFolder);
  const browser = await puppeteer.launch({
    ...options,
    executablePath,
    headless: true,
    userDataDir: join(folder, "profile"),
    env: { ...process.env, HOME: folder }, // both write below it, and there may be none
    timeout: 2 * kPatience, // a first start on a machine that has other things to do
    protocolTimeout: 2 * kPatience,
    ...further,
  });
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
