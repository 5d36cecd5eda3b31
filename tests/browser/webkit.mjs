// WebKit: MiniBrowser of Debian's webkit2gtk-driver, told what to do by the WebDriver protocol, in an X server without a
// screen. What it gives is what the tests use of puppeteer's Browser, BrowserContext and Page, as far as the driver can:
// it tells of no request and no message of the console, and runs nothing before a page's own scripts.
//
// Source: W3C WebDriver. A driver has one session, so each context has a driver of its own; a session does one command
// after the other, so none of them may wait for the page.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

import { kPatience, within } from "./deadline.mjs";
import { findProgram } from "./programs.mjs";

const kPackages = { WebKitWebDriver: "webkit2gtk-driver", Xvfb: "xvfb" };
const kKeys = { Enter: "\uE007" };
const kElement = "element-6066-11e4-a52e-4f735466cecf"; // by which the protocol marks an element
const kBack = 1_000; // milliseconds
const kLook = 5; // milliseconds between two looks at what a page has not come to yet

const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

function start(program, args, options) {
  const child = spawn(findProgram([program], kPackages[program]), args, options);
  running.add(child);
  child.ended = once(child, "exit").finally(() => running.delete(child));
  child.ended.catch(() => {}); // it could not be started, and whoever waits for it hears that
  return child;
}

async function stop(child) {
  child.kill();
  try {
    await within(kPatience, `the end of ${child.spawnfile}`, child.ended);
  } catch {
    child.kill("SIGKILL");
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

// In the page: begins what is asked for, and tells its outcome where that is known at once. `begun` is not there without
// `finished`, so that a page that was left in between says so by an error.
const begin = (text) => `
  const outcome = (value) => ({ value: value === undefined ? null : value });
  const value = (${text})(...arguments);
  if (!(value instanceof Promise)) return outcome(value);
  const calls = (globalThis.tidingsCalls ??= []);
  const call = { done: null };
  value.then((value) => (call.done = outcome(value)),
             (error) => (call.done = { error: String(error) }));
  return { call: calls.push(call) - 1 };`;
const kFinished = "return globalThis.tidingsCalls[arguments[0]].done;";

class Driver {
  #child;
  #last = Promise.resolve(); // command
  #session;
  #url;
  #window; // the current one
  #windows = []; // that are open

  static async start(environment) {
    const driver = new Driver();
    const port = await freePort();
    driver.#url = `http://127.0.0.1:${port}`;
    driver.#child = start("WebKitWebDriver", ["--host=127.0.0.1", `--port=${port}`], { env: environment, stdio: "ignore" });
    await within(2 * kPatience, "WebKitWebDriver", driver.#open());
    return driver;
  }

  async #open() {
    const ended = this.#child.ended.then(([code, signal]) => {
      throw new Error(`WebKitWebDriver ended with ${code ?? signal}.`);
    });
    const listening = async () => {
      for (;;) {
        try {
          return await fetch(`${this.#url}/status`);
        } catch {
          await pause(kLook); // it says nowhere that it listens
        }
      }
    };
    ended.catch(() => {}); // it ends one day
    await Promise.race([listening(), ended]);
    const wanted = { alwaysMatch: { acceptInsecureCerts: true, pageLoadStrategy: "normal" } };
    const { sessionId } = await this.#send("POST", "/session", { capabilities: wanted });
    this.#session = `/session/${sessionId}`;
    this.#window = await this.#send("GET", `${this.#session}/window`);
    this.#windows.push(this.#window);
  }

  get window() {
    return this.#window;
  }

  // A command of the session, with `window` as its window.
  command(window, method, path, body) {
    const result = this.#last.then(async () => {
      if (this.#window !== window) {
        await this.#send("POST", `${this.#session}/window`, { handle: window });
        this.#window = window;
      }
      return this.#send(method, this.#session + path, body);
    });
    this.#last = result.catch(() => {});
    return result;
  }

  async newWindow() {
    const { handle } = await this.command(this.#windows[0], "POST", "/window/new", { type: "window" }); // a tab stays hidden
    this.#windows.push(handle);
    return handle;
  }
  async closeWindow(window) {
    this.#windows = this.#windows.filter((other) => other !== window);
    await this.command(window, "DELETE", "/window");
  }

  async stop() {
    await this.#last;
    await this.#send("DELETE", this.#session).catch(() => {}); // with its last window the session has gone
    await stop(this.#child);
  }

  async #send(method, path, body) {
    const asked = fetch(this.#url + path, {
      method,
      headers: { "content-type": "application/json" },
      body: method === "POST" ? JSON.stringify(body ?? {}) : undefined,
    });
    const what = () => `WebKit's answer to ${method} ${path} ${JSON.stringify(body)?.slice(0, 200)}`;
    const answer = await within(2 * kPatience, what, asked);
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`WebKit, ${method} ${path}: ${value.error}: ${value.message}`);
    return value;
  }
}

class Element {
  #page;
  #id;

  constructor(page, reference) {
    this.#page = page;
    this.#id = reference[kElement];
  }

  click() {
    return this.#page.command("POST", `/element/${this.#id}/click`);
  }
  evaluate(run, ...args) {
    return this.#page.evaluate(run, { [kElement]: this.#id }, ...args);
  }
}

class Page {
  #driver;
  #early = [];
  #patience = kPatience;
  #window;
  keyboard = { press: (key) => this.#press(kKeys[key] ?? key) };

  constructor(driver, window) {
    this.#driver = driver;
    this.#window = window;
  }

  command(method, path, body) {
    return this.#driver.command(this.#window, method, path, body);
  }

  setDefaultTimeout(milliseconds) {
    this.#patience = milliseconds;
  }

  // Run as soon as the page's document is there, which is when its own scripts have begun.
  async evaluateOnNewDocument(run) {
    this.#early.push(run);
  }

  async goto(url) {
    await this.command("POST", "/url", { url });
    for (const run of this.#early) await this.evaluate(run);
  }
  // The driver waits for a load, which a page does not have that was kept: not for long, then.
  async goBack() {
    const wait = (pageLoad) => this.command("POST", "/timeouts", { pageLoad });
    await wait(kBack);
    try {
      await this.command("POST", "/back");
    } catch (error) {
      if (!/: timeout:/.test(error.message)) throw error;
    }
    await wait(2 * kPatience);
  }

  // The value of a function, or of its promise; or of a text that is a program.
  async evaluate(run, ...args) {
    const execute = (script, args) => this.command("POST", "/execute/sync", { script, args });
    if (typeof run === "string") return execute(run, []);
    const begun = await execute(begin(run.toString()), args);
    if (begun.call === undefined) return begun.value;
    for (;;) {
      const done = await execute(kFinished, [begun.call]);
      if (done?.error !== undefined) throw new Error(done.error);
      if (done) return done.value;
      await pause(kLook);
    }
  }

  waitForFunction(run, _options, ...args) {
    const found = async () => {
      while (!(await this.evaluate(run, ...args))) await pause(kLook);
    };
    return within(this.#patience, run.toString(), found());
  }

  async $(selector) {
    return new Element(this, await this.command("POST", "/element", { using: "css selector", value: selector }));
  }
  async $$(selector) {
    const all = await this.command("POST", "/elements", { using: "css selector", value: selector });
    return all.map((reference) => new Element(this, reference));
  }
  async $eval(selector, run, ...args) {
    return (await this.$(selector)).evaluate(run, ...args);
  }
  async $$eval(selector, run) {
    return this.#inPage(`(selector) => (${run})([...document.querySelectorAll(selector)])`, selector);
  }
  #inPage(text, ...args) {
    return this.evaluate({ toString: () => text }, ...args);
  }

  async click(selector) {
    await (await this.$(selector)).click();
  }
  // As if it were pasted: the driver's keys know no emoji.
  async type(selector, text) {
    await this.focus(selector);
    await this.evaluate((text) => document.execCommand("insertText", false, text), text);
  }
  async focus(selector) {
    await this.$eval(selector, (element) => element.focus());
  }
  #press(value) {
    const actions = ["keyDown", "keyUp"].map((type) => ({ type, value }));
    return this.command("POST", "/actions", { actions: [{ type: "key", id: "keys", actions }] });
  }

  async setContent(html) {
    await this.evaluate((html) => {
      document.open();
      document.write(html);
      document.close();
    }, html);
  }

  // Of what the page sees, to which the window adds its frame. The page hears of its window's size some time after the
  // driver has answered.
  async setViewport({ width, height }) {
    let seen;
    const fits = async () => {
      for (let outer = [width, height]; ; outer = [outer[0] + width - seen[0], outer[1] + height - seen[1]]) {
        await this.command("POST", "/window/rect", { width: outer[0], height: outer[1] });
        seen = await this.#sizeAtRest();
        if (seen[0] === width && seen[1] === height) return;
      }
    };
    await within(this.#patience, () => `a page of ${width} by ${height} pixels; it has ${seen}`, fits());
  }
  async #sizeAtRest() {
    let size;
    for (let same = 0; same < 10; ++same) {
      const seen = await this.evaluate(() => [innerWidth, innerHeight]);
      if (`${seen}` !== `${size}`) same = 0;
      size = seen;
      await pause(kLook);
    }
    return size;
  }

  title() {
    return this.command("GET", "/title");
  }
  async bringToFront() {} // no window covers another
  on() {} // it is told of nothing
  close() {
    return this.#driver.closeWindow(this.#window);
  }
}

class Context {
  #driver;
  #isNew = true; // with the window that a session begins with

  static async start(environment) {
    const context = new Context();
    context.#driver = await Driver.start(environment);
    return context;
  }

  async newPage() {
    const window = this.#isNew ? this.#driver.window : await this.#driver.newWindow();
    this.#isNew = false;
    return new Page(this.#driver, window);
  }
  close() {
    return this.#driver.stop();
  }
}

class Browser {
  #contexts = new Set();
  #environment;
  #screen;
  #own; // context

  // HOME is the folder below which the browser writes.
  static async launch(folder) {
    const browser = new Browser();
    const screen = start("Xvfb", ["-displayfd", "3", "-screen", "0", "2400x1400x24", "-nolisten", "tcp"], {
      stdio: ["ignore", "ignore", "ignore", "pipe"],
    });
    browser.#screen = screen;
    const ended = screen.ended.then(([code, signal]) => {
      throw new Error(`Xvfb ended with ${code ?? signal}.`);
    });
    ended.catch(() => {}); // the same
    const named = once(createInterface({ input: screen.stdio[3] }), "line");
    const [number] = await within(kPatience, "Xvfb", Promise.race([named, ended]));
    browser.#environment = { ...process.env, DISPLAY: `:${number}`, HOME: folder, XDG_RUNTIME_DIR: folder };
    return browser;
  }

  async createBrowserContext() {
    const context = await Context.start(this.#environment);
    this.#contexts.add(context);
    const close = context.close.bind(context);
    context.close = async () => {
      this.#contexts.delete(context);
      await close();
    };
    return context;
  }
  async newPage() {
    this.#own ??= await this.createBrowserContext();
    return this.#own.newPage();
  }
  async close() {
    for (const context of this.#contexts) await context.close();
    await stop(this.#screen);
  }
}

export const launchWebKit = (folder) => Browser.launch(folder);
