// Tabs that share a stream: what each of them sees, and what the worker asks of the browser. Their many orders are
// share_model_test.mjs's.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { Tab, World } from "./world.mjs";

const kLongest = 1 << 21; // characters, of feed.mjs
const kMost = 2 * kLongest;

describe("Tabs", () => {
  let world;
  beforeEach(() => {
    world = new World();
  });

  const source = () => world.sources.at(-1);
  async function send(data, id, type) {
    await source().dispatch(data, id, type);
    await world.settle();
  }
  // Tabs on one open stream.
  async function tabsOf(count, options) {
    const tabs = Array.from({ length: count }, () => new Tab(world, options));
    await world.settle();
    await source().be(1);
    await world.settle();
    return tabs;
  }

  it("have one connection, and each event once", async () => {
    const tabs = await tabsOf(3);
    await send("a", "1");
    assert.equal(world.opened, 1);
    for (const tab of tabs) assert.deepEqual([tab.seen, tab.states.at(-1), tab.id], [["a"], 1, "1"]);
  });

  it("give the connection up when the last is gone, and not before", async () => {
    const [first, second] = await tabsOf(2);
    first.end();
    await world.settle();
    await send("a", "1");
    assert.deepEqual(second.seen, ["a"]);
    second.close();
    await world.settle();
    assert.equal(world.sources.length, 0);
  });

  it("that come later have a place, also when they have had no event yet", async () => {
    await tabsOf(1);
    await send("{}", "7", "begin");
    const later = new Tab(world);
    await world.settle();
    assert.equal(later.id, "7");
    assert.equal(later.states.at(-1), 1);
  });

  it("take an event's id as it is, be it the largest of numbers", async () => {
    const [first] = await tabsOf(1);
    for (const id of ["9223372036854775807", "-1", "{}"]) {
      await send(`behind ${id}`, id);
      const later = new Tab(world);
      await world.settle();
      assert.deepEqual([later.id, later.states.at(-1)], [id, 1]);
    }
    assert.equal(first.seen.length, 3);
    assert.equal(world.opened, 1);
  });

  it("get each event once where events have no id or the one before's, whoever goes and comes", async () => {
    const [first, second] = await tabsOf(2);
    await send("a", "1");
    for (const [data, id] of [["b", undefined], ["c", "1"], ["d", "1"], ["e", undefined]]) {
      await send(data, id);
      if (data === "c") first.end();
    }
    const later = new Tab(world);
    await world.settle();
    assert.equal(later.id, "1");
    for (const [data, id] of [["f", "1"], ["g", undefined], ["h", "2"]]) await send(data, id);
    assert.deepEqual(first.seen, ["a", "b", "c"]);
    assert.deepEqual(second.seen, ["a", "b", "c", "d", "e", "f", "g", "h"]);
    assert.deepEqual(later.seen, ["f", "g", "h"]);
    assert.equal(world.opened, 1);
  });

  it("ask for heartbeats where they watch for silence", async () => {
    new Tab(world, { url: "/events?a#top", silentAfter: 40_000 });
    await world.settle();
    assert.equal(source().url, "https://example.org/events?a&heartbeat=event");
  });

  it("that name another place have a connection of their own until they have caught up", async () => {
    const [first] = await tabsOf(1);
    for (const id of ["5", "6", "7"]) await send(`d${id}`, id);
    const second = new Tab(world, { id: "5" });
    await world.settle();
    assert.equal(source().url, "https://example.org/events?last_event_id=5");
    await source().be(1);
    await send("d6", "6");
    assert.equal(world.sources.length, 2);
    await send("d7", "7");
    assert.equal(world.sources.length, 1);
    await send("d8", "8");
    assert.deepEqual(first.seen, ["d5", "d6", "d7", "d8"]);
    assert.deepEqual(second.seen, ["d6", "d7", "d8"]);
    const third = new Tab(world, { id: "8" });
    await world.settle();
    assert.equal(world.sources.length, 1, "which is where the others are");
    await send("d9", "9");
    assert.deepEqual(third.seen, ["d9"]);
  });

  // Fault 2.
  it("are not held up by one that is stuck, which is let go and gets the rest when it comes to", async () => {
    const [stuck, other] = await tabsOf(2);
    await send("a", "1");
    stuck.isStuck = true;
    await world.rest(30_000);
    await send("b", "2");
    assert.deepEqual(other.seen, ["a", "b"]);
    stuck.isStuck = false;
    await world.settle();
    assert.equal(source().asked, "1");
    await source().be(1);
    await send("b", "2");
    await send("c", "3");
    for (const tab of [stuck, other]) assert.deepEqual(tab.seen, ["a", "b", "c"]);
    assert.equal(world.sources.length, 1);
  });

  // Fault 3.
  it("with other options have streams of their own, and what one closes goes on for another", async () => {
    const never = new Tab(world, { reopens: false });
    const anew = new Tab(world);
    const patient = new Tab(world, { silentAfter: 40_000 });
    await world.settle();
    assert.equal(world.sources.length, 2);
    const [shared] = world.sources;
    await shared.be(2);
    await world.settle();
    assert.deepEqual([never.isOpen, anew.isOpen, patient.isOpen], [false, false, true]);
    anew.open();
    await world.settle();
    await source().be(1);
    await send("a", "1");
    assert.deepEqual([never.seen, anew.seen], [[], ["a"]]);
  });

  // Fault 7.
  it("that wait after a refusal go on when one of them gets through", async () => {
    const [first, second, third] = await tabsOf(3);
    await source().be(0);
    await world.advance(3000);
    await source().be(2);
    await world.settle();
    second.open(); // woken
    await world.settle();
    assert.equal(first.wakes, 0);
    await source().be(1);
    await world.settle();
    for (const tab of [first, second, third]) assert.deepEqual([tab.isOpen, tab.states.at(-1)], [true, 1]);
    assert.equal(world.sources.length, 1);
  });

  it("open a silent stream anew for all", async () => {
    const [first, second] = await tabsOf(2, { silentAfter: 40_000 });
    await send("a", "1");
    const silent = source();
    await world.rest(40_000);
    for (const tab of [first, second]) {
      tab.close();
      tab.open();
      await world.settle();
    }
    assert.equal(silent.readyState, 2);
    assert.deepEqual([world.opened, source().asked], [2, "1"]);
    await source().be(1);
    await send("b", "2");
    for (const tab of [first, second]) assert.deepEqual(tab.seen, ["a", "b"]);
  });

  it("open a silent stream anew whatever is done to the clock", async () => {
    const [tab] = await tabsOf(1, { silentAfter: 40_000 });
    const silent = source();
    new Tab(world, { silentAfter: 40_000 });
    world.now -= 3_600_000;
    await world.rest(1000);
    new Tab(world, { silentAfter: 40_000 }); // from now on silence counts
    await world.settle();
    await world.rest(40_000);
    tab.close();
    tab.open();
    await world.settle();
    assert.equal(silent.readyState, 2);
  });

  // Fault 8.
  it("get the types that they listen to and no others, and a new one is told nothing of what was", async () => {
    const [first, second] = await tabsOf(2, { types: [] });
    const offs = Array.from({ length: 2000 }, (_, i) => first.listen(`t${i}`));
    second.listen("t7");
    await world.settle();
    await send("seven", "1", "t7");
    await send("eight", "2", "t8");
    assert.deepEqual([first.seen, second.seen], [["t7 seven", "t8 eight"], ["t7 seven"]]);
    offs.forEach((off) => off());
    await world.settle();
    const before = world.posted;
    await send("seven", "3", "t7");
    assert.equal(world.posted - before, 1, "to the second alone");
    new Tab(world);
    await world.settle();
    assert.ok(world.posted - before < 6, `${world.posted - before} messages`);
  });

  it("get events of all other types as those of the type *, behind a line with their own", async () => {
    const [first, second] = await tabsOf(2);
    first.listen("*");
    first.listen("known");
    await world.settle();
    await send("plain", "1");
    await send("two\nlines", "2", "t2");
    await send("", "3", "t3");
    await send("heard", "4", "known");
    assert.deepEqual([first.seen, second.seen], [["plain", "* t2\ntwo\nlines", "* t3\n", "known heard"], ["plain"]]);
  });

  // Fault 10.
  it("get a gap in place of an event that is too long to be passed on", async () => {
    const [first, second] = await tabsOf(2);
    await send("a", "1");
    await send("x".repeat(kLongest), "2");
    await send("x".repeat(32 << 20), "3");
    await send("b", "4");
    for (const { seen } of [first, second]) {
      assert.deepEqual(seen.map((text) => text.slice(0, 50)), [
        "a", "x".repeat(50), `gap {"channel":"","asked":"2","first":""}`, "b",
      ]);
    }
  });

  it("have so much on their way and no more", async () => {
    const [stuck, other] = await tabsOf(2);
    stuck.isStuck = true;
    for (let id = 1; id <= 400; ++id) await send("x".repeat(100_000), `${id}`);
    assert.equal(other.seen.length, 400);
    const waiting = world.ports.filter(({ place }) => place === stuck).flatMap(({ letters }) => letters);
    const size = waiting.reduce((sum, letter) => sum + (letter?.[2]?.length ?? 0), 0);
    assert.ok(size > kMost / 2 && size <= kMost, `${size} characters`);
    stuck.isStuck = false;
    await world.settle();
    assert.equal(source().asked, `${stuck.seen.length}`);
  });

  it("that are dead are forgotten, also where the browser does not tell", async () => {
    world.tells = false;
    const tabs = await tabsOf(2);
    tabs.forEach((tab) => world.end(tab));
    await world.rest(30_000);
    assert.equal(world.sources.length, 0);
  });

  for (const tells of [true, false]) {
    it(`go on where the worker is dead${tells ? "" : ", also where the browser does not tell"}`, async () => {
      world.tells = tells;
      const tabs = await tabsOf(3);
      await send("a", "1");
      world.end(world.worker);
      await world.rest(tells ? 0 : 6000);
      await world.settle();
      assert.equal(world.opened, 2);
      assert.equal(source().asked, "1");
      await source().be(1);
      await send("b", "2");
      for (const tab of tabs) assert.deepEqual(tab.seen, ["a", "b"]);
    });
  }

  it("go on where the browser starts the worker again behind their ports, and again", async () => {
    const tabs = await tabsOf(3);
    for (const id of ["1", "2"]) {
      await send(id, id);
      world.restartWorker();
      await world.settle();
      assert.equal(world.sources.length, 1);
      assert.equal(source().asked, id);
      await source().be(1);
    }
    await send("3", "3");
    for (const tab of tabs) assert.deepEqual(tab.seen, ["1", "2", "3"]);
    assert.equal(world.opened, 3);
  });

  it("that come back from where they were kept go on from their place", async () => {
    const [kept, other] = await tabsOf(2);
    await send("a", "1");
    kept.hide();
    const before = world.posted;
    await send("b", "2");
    await world.rest(5000);
    assert.deepEqual(kept.seen, ["a"]);
    assert.ok(world.posted > before);
    kept.show();
    await world.settle();
    assert.equal(source().asked, "1");
    await source().be(1);
    await send("b", "2");
    for (const tab of [kept, other]) assert.deepEqual(tab.seen, ["a", "b"]);
    assert.equal(world.sources.length, 1);
  });

  const kLacks = {
    "there is no SharedWorker": () => (world.hasWorkers = false),
    "the worker does not load": () => (world.loadsWorker = false),
    "the worker is of another version": () => (world.isOtherVersion = true),
  };
  for (const [lack, make] of Object.entries(kLacks)) {
    it(`have connections of their own where ${lack}`, async () => {
      make();
      const tabs = [new Tab(world, { id: "3" }), new Tab(world, { id: "3" })];
      await world.settle();
      await world.rest(12_000);
      assert.equal(world.sources.length, 2);
      for (const own of world.sources) {
        await own.be(1);
        await own.dispatch("d", "4");
        assert.equal(own.asked, "4");
      }
      for (const tab of tabs) assert.deepEqual(tab.seen, ["d"]);
    });
  }
});
