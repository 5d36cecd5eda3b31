// A tab with a page that tells the test what it sees: follower.cc's or fetcher.cc's.
import { kPatience, within } from "./deadline.mjs";

export class Follower {
  #at = 0;

  static async open(context, url) {
    const page = await context.newPage();
    page.setDefaultTimeout(kPatience);
    await page.goto(url);
    return new Follower(page);
  }

  constructor(page) {
    this.page = page;
  }

  all() {
    return this.page.evaluate(() => tidingsSeen);
  }

  // Resolves once it has told this, after what was waited for before.
  async tells(text) {
    const found = this.page.evaluate(async (text, from) => {
      for (;;) {
        const at = tidingsSeen.indexOf(text, from);
        if (at >= 0) return at + 1;
        await new Promise((resolve) => (tidingsWake = resolve));
      }
    }, text, this.#at);
    try {
      this.#at = await within(kPatience, text.slice(0, 100), found);
    } catch (error) {
      throw new Error(`${error.message}; it has told ${JSON.stringify((await this.all()).map((t) => t.slice(0, 80)))}`);
    }
  }

  async events() {
    return (await this.all()).filter((text) => /^(event|gap)/.test(text));
  }

  // Those events, once there are so many.
  async until(count) {
    await within(kPatience, `${count} events`, this.page.evaluate(async (count) => {
      while (tidingsSeen.filter((text) => /^event/.test(text)).length < count) {
        await new Promise((resolve) => (tidingsWake = resolve));
      }
    }, count));
    return this.events();
  }
}
