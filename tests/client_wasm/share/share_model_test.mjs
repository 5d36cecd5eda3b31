// Hundreds of schedules of tabs that share a stream, against a server whose events are numbered: whatever is closed, stuck,
// kept or dies, be it a tab or the worker, and in whatever order what they say to each other arrives, every tab gets every
// event once and in order from where it began.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Tab, World } from "./world.mjs";

const kSchedules = Number(process.env.TIDINGS_SCHEDULES ?? 60);
const kSteps = 300;
const kMostTabs = 5;

// The same numbers from the same seed: mulberry32.
function chanceOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

class Schedule {
  world = new World();
  tabs = [];
  published = 0;
  events = 0;
  largest = 0; // number of connections at once

  constructor(seed, rules) {
    this.chance = chanceOf(seed);
    this.rules = rules;
    this.world.tells = rules.tells;
  }
  pick(count) {
    return Math.floor(this.chance() * count);
  }
  any(all) {
    return all[this.pick(all.length)];
  }

  async run() {
    this.add();
    for (let step = 0; step < kSteps; ++step) {
      await this.step();
      this.largest = Math.max(this.largest, this.world.sources.length);
    }
    await this.finish();
  }

  add() {
    const last = this.published > 0 && this.pick(3) === 0 ? this.published - this.pick(Math.min(this.published, 10)) : 0;
    const tab = new Tab(this.world, { id: last ? `${last}` : "" });
    tab.last = last || undefined;
    tab.taken = (type, data, id) => {
      assert.notEqual(type, "gap");
      if (type !== "message") return;
      assert.equal(data, `data ${id}`);
      assert.ok(!tab.isStuck);
      if (tab.last !== undefined) assert.equal(Number(id), tab.last + 1, "none is left out, none comes twice");
      tab.last = Number(id);
      this.events += 1;
    };
    this.tabs.push(tab);
  }
  remove(tab) {
    this.tabs = this.tabs.filter((other) => other !== tab);
  }

  async step() {
    const { world, rules } = this;
    const tab = this.any(this.tabs);
    const source = this.any(world.sources.filter(({ place }) => !place.isStuck));
    switch (this.pick(16)) {
      case 0:
      case 1: this.published += 1; break;
      case 2:
      case 3:
      case 4: await this.send(source); break;
      case 5:
      case 6: if (source) await this.connect(source); break;
      case 7: if (source && this.pick(3) === 0) await source.be(0); break;
      case 8: if (source?.readyState === 0 && this.pick(3) === 0) await source.be(2); break;
      case 9:
        if (this.pick(8) !== 0) await world.settle();
        await world.advance(this.pick(2000));
        break;
      case 10: if (this.tabs.length < kMostTabs && this.pick(3) === 0) this.add(); break;
      case 11:
        if (!tab || this.pick(6) !== 0) break;
        if (this.pick(2)) world.end(tab);
        else tab.end();
        this.remove(tab);
        break;
      case 12:
        if (!tab || !rules.sticks || this.pick(3) !== 0) break;
        tab.isStuck = !tab.isStuck && !tab.isKept;
        if (tab.isKept) tab.show();
        tab.isKept = false;
        if (!tab.isStuck && this.pick(3) === 0) {
          tab.hide();
          tab.isKept = true;
        }
        break;
      case 13: if (rules.crashes && world.worker && this.pick(10) === 0) world.end(world.worker); break;
      case 14: // anew after a refusal, now and then after silence
        if (!tab || tab.isStuck || (tab.isOpen && this.pick(8) !== 0)) break;
        tab.close();
        tab.open();
        break;
      default:
        for (let count = this.pick(8); count > 0 && world.receivers.length; --count) {
          await world.deliver(this.any(world.receivers));
        }
    }
    await world.calm();
  }

  async connect(source) {
    if (source.readyState !== 0) return;
    source.sent = source.asked ? Number(source.asked) : this.published;
    await source.be(1);
    if (!source.asked) await source.dispatch("{}", `${source.sent}`, "begin");
  }
  async send(source) {
    if (source?.readyState !== 1 || source.place.isStuck || source.sent === this.published) return false;
    source.sent += 1;
    await source.dispatch(`data ${source.sent}`, `${source.sent}`);
    return true;
  }

  // All is well from here on, and every tab comes to the last event over one connection.
  async finish() {
    const { world } = this;
    if (!this.tabs.length) this.add();
    for (const tab of this.tabs) {
      if (tab.isKept) tab.show();
      tab.isStuck = false;
    }
    for (let round = 0; round < 30; ++round) {
      await world.rest(1000);
      for (const tab of this.tabs) if (!tab.isOpen) tab.open();
      if (round === 15 || round === 25) this.published += 1;
      for (const source of [...world.sources]) await this.connect(source);
      for (const source of [...world.sources]) while (await this.send(source));
    }
    await world.settle();
    for (const tab of this.tabs) {
      assert.equal(tab.last, this.published, "what was published last has come to every tab");
      assert.equal(tab.states.at(-1), 1);
    }
    // A page that had heard nothing from the worker for too long has a connection of its own, for good.
    const shared = world.sources.filter(({ place }) => place === world.worker);
    assert.ok(shared.length <= 1, "over one connection");
    assert.ok(world.sources.length - shared.length <= this.tabs.length);
    this.alone = world.sources.length - shared.length;
    this.tabs.forEach((tab) => tab.end());
    await world.rest(30_000);
    assert.equal(world.sources.length, 0);
  }
}

async function run(rules) {
  const tally = { events: 0, largest: 0, alone: 0 };
  for (let seed = 1; seed <= kSchedules; ++seed) {
    const schedule = new Schedule(seed, rules);
    try {
      await schedule.run();
    } catch (error) {
      error.message = `seed ${seed}: ${error.message}`;
      throw error;
    }
    tally.events += schedule.events;
    tally.alone += schedule.alone;
    tally.largest = Math.max(tally.largest, schedule.largest);
  }
  assert.ok(tally.events > 10 * kSchedules, "the schedules come to something");
  return `${tally.events} events came, at most ${tally.largest} connections at once, ${tally.alone} tabs alone in the end`;
}

const kRules = {
  "whichever tab is closed": { tells: true },
  "also where the browser does not tell": { tells: false },
  "whichever is stuck or kept": { tells: true, sticks: true },
  "whenever the worker dies": { tells: true, crashes: true },
  "whatever happens": { tells: false, sticks: true, crashes: true },
};
for (const [when, rules] of Object.entries(kRules)) {
  test(`every tab gets every event once, ${when}`, async (context) => context.diagnostic(await run(rules)));
}
