// A tab's view of the channel: what its list shows, and the box that publishes.
import { kPatience, within } from "./deadline.mjs";
import { Shown } from "./shown.mjs";

// Runs in the page: what the view shows as soon as it is as wanted, by as much as is given: at least `count` entries, the
// text of the newest, the state, a notice.
async function look({ count = 0, newest, state, notice = "" }) {
  const view = document.getElementById("channel");
  const list = document.getElementById("log");
  const text = (id) => document.getElementById(id).textContent;
  const isThere = () => list.children.length >= count
    && (newest === undefined || list.firstElementChild?.querySelector("p").textContent === newest)
    && (state === undefined || view.dataset.state === state)
    && text("notice").includes(notice);
  if (!isThere()) {
    await new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        if (!isThere()) return;
        observer.disconnect();
        resolve();
      });
      observer.observe(view, { attributes: true, childList: true, subtree: true });
    });
  }
  return {
    state: view.dataset.state,
    words: text("channel-state"),
    notice: text("notice"),
    entries: [...list.children].map((entry) => ({
      type: entry.querySelector("b").textContent,
      isNotice: /^(gap|not published)$/.test(entry.querySelector("b").textContent),
      text: entry.querySelector("p").textContent,
      small: entry.querySelector("small").textContent,
      elements: entry.querySelectorAll("*").length,
    })),
    times: [...list.querySelectorAll("time")].map(({ textContent }) => textContent),
    counts: `${text("shown")} of ${text("count")}`,
    typed: document.getElementById("text").value,
    focused: document.activeElement.id,
  };
}

export class ChannelView {
  #page;

  // Opens the site in the page; resolves once both of its streams are open.
  static async open(page, url) {
    const shown = await Shown.of(page);
    await page.goto(url);
    await page.bringToFront();
    await shown.until("the clock", ({ state }) => state === "open");
    const view = new ChannelView(page);
    await view.is("open");
    return view;
  }

  constructor(page) {
    this.#page = page;
  }

  // Types as a user does and presses Enter.
  async publish(text) {
    await this.#page.bringToFront();
    await this.#page.type("#text", text);
    await this.submit();
  }

  // What the box holds.
  async submit() {
    await this.#page.focus("#text");
    await this.#page.keyboard.press("Enter");
  }

  // A text that was pasted, and the button.
  async publishByButton(text) {
    await this.#page.bringToFront();
    await this.#page.$eval("#text", (box, value) => (box.value = value), text);
    await this.#page.click("form button");
  }

  // Resolves to { state, words, notice, entries, times, counts, typed, focused } once the list holds `count` entries; the
  // newest first.
  entries(count) {
    return this.#until({ count });
  }
  newest(text) {
    return this.#until({ newest: text });
  }
  is(state) {
    return this.#until({ state });
  }
  // Once a notice has these words.
  notice(words) {
    return this.#until({ notice: words });
  }

  async #until(wanted) {
    await this.#page.bringToFront(); // a browser paints no hidden tab
    try {
      return await within(kPatience, JSON.stringify(wanted), this.#page.evaluate(look, wanted));
    } catch (error) {
      throw new Error(`${error.message}; the channel's view is ${JSON.stringify(await this.#page.evaluate(look, {}))}`);
    }
  }
}
