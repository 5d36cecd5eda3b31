// Everything that a page should not do, from when it is opened: errors and warnings on its console, exceptions, breaches
// of its Content-Security-Policy, requests that fail, are refused or go to another origin.
import { kPatience, within } from "./deadline.mjs";

// Runs in the page. Browsers differ in whether they report a breach as a message of the console; this makes it one.
function reportBreaches() {
  document.addEventListener("securitypolicyviolation", ({ blockedURI, violatedDirective }) => {
    console.error(`breach of ${violatedDirective} by ${blockedURI}`);
  });
}

export class Faults {
  #all = [];
  #wake = () => {};

  // To be called before the page is opened.
  static async of(page, origin) {
    const faults = new Faults();
    const add = (text) => {
      faults.#all.push(text);
      faults.#wake();
    };
    await page.evaluateOnNewDocument(reportBreaches);
    page.on("console", (message) => {
      if (["error", "assert", "warn", "warning"].includes(message.type())) add(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => add(`exception: ${error.message}`));
    page.on("requestfailed", (request) => add(`failed: ${request.url()} ${request.failure()?.errorText}`));
    page.on("response", (response) => {
      if (response.status() >= 400) add(`status ${response.status()}: ${response.url()}`);
    });
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol !== "data:" && url.origin !== origin) add(`other origin: ${request.url()}`);
    });
    return faults;
  }

  get all() {
    return this.#all;
  }

  // Resolves when there is one that matches.
  async one(pattern) {
    const found = async () => {
      while (!this.#all.some((fault) => pattern.test(fault))) await new Promise((resolve) => (this.#wake = resolve));
    };
    await within(kPatience, () => `a fault like ${pattern}; there are: ${this.#all.join("; ")}`, found());
  }
}
