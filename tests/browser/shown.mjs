// What the page shows, each change of it, in order: recorded within the page as its elements change, so that nothing is
// missed between two looks and no test has to sleep.
import { kPatience, within } from "./deadline.mjs";

// Runs in the page, before anything of its own; in WebKit as early as it can.
function record() {
  const text = (id) => document.getElementById(id)?.textContent;
  const history = [];
  let wake = () => {};
  const look = () => {
    const now = {
      state: document.body?.dataset.state,
      words: text("state"),
      date: text("date"),
      time: text("time"),
      tick: text("tick"),
      events: text("events"),
    };
    if (JSON.stringify(now) === JSON.stringify(history.at(-1))) return;
    history.push(now);
    wake();
  };
  new MutationObserver(look).observe(document, { attributes: true, characterData: true, childList: true, subtree: true });
  look();

  // What is in the history after the first `count`, as soon as there is something.
  globalThis.tidingsShownAfter = async (count) => {
    if (history.length <= count) await new Promise((resolve) => (wake = resolve));
    return history.slice(count);
  };
}

export class Shown {
  #page;
  #history = [];
  #next = 0; // the first that until() has not looked at

  // To be called before the page is opened.
  static async of(page) {
    await page.evaluateOnNewDocument(record);
    return new Shown(page);
  }

  constructor(page) {
    this.#page = page;
  }

  // The next of which `predicate` holds: { state, words, date, time, tick, events }, all of them text.
  async until(what, predicate) {
    const tell = () => `${what}; the page shows ${JSON.stringify(this.#history.at(-1))}`;
    const found = async () => {
      for (;;) {
        while (this.#next < this.#history.length) {
          const shown = this.#history[this.#next++];
          if (predicate(shown)) return shown;
        }
        const more = await this.#page.evaluate((count) => globalThis.tidingsShownAfter(count), this.#history.length);
        this.#history.push(...more);
      }
    };
    return within(kPatience, tell, found());
  }

  // The states so far, each as often as it was entered.
  get states() {
    const states = this.#history.map(({ state }) => state).filter((state) => state !== undefined);
    return states.filter((state, i) => state !== states[i - 1]);
  }
}
