// What of deploy/ watches the server: rules that fire when they should, a dashboard whose every panel shows what there is, and
// metrics that Prometheus' own tool has nothing to say against. TIDINGS_SERVER is the server; run.mjs sets it and counts.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { kPatience } from "../browser/deadline.mjs";
import { Server } from "../browser/server.mjs";
import { Dashboard } from "./dashboard.mjs";
import { Load } from "./load.mjs";
import { kRateInterval, Prometheus, promtool } from "./prometheus.mjs";

const kToken = "of-the-checks";
const kMostStreams = 8;
const kFollowers = 4;
const kClocks = 2; // whose timers fire
const kHeld = kFollowers + kClocks + 1; // one reads nothing
const kAlerts = ["TidingsDown", "TidingsHistoryTrouble", "TidingsLoopLag", "TidingsNearlyFull"];
const kReasons = ["client_left", "cut_off", "drained", "failed", "fallen_behind", "grant_over", "returned", "slow"];

const one = (isRight) => (samples) => samples.length === 1 && isRight(samples[0].value);
const is = (number) => one((value) => value === number);
const between = (least, most) => one((value) => value >= least && value <= most);
const rises = between(0.01, Number.MAX_VALUE);
const ofChannels = (isRight) => (samples) => {
  const found = Object.fromEntries(samples.map(({ labels, value }) => [labels.channel, value]));
  return Object.keys(found).sort().join() === "large,news" && isRight(found);
};

const open = (process) => readdirSync(`/proc/${process}/fd`).length;
const mostOpen = (process) => Number(/^Max open files +(\d+)/m.exec(readFileSync(`/proc/${process}/limits`, "utf8"))[1]);
const resident = (process) => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${process}/status`, "utf8"))[1]) * 1024;

// What each panel is to show, by its expressions' letters.
const kShown = {
  State: { A: is(1), B: is(1), C: is(1) },
  "What runs": {
    A: (samples) => is(1)(samples) && /^\d+\.\d+\.\d+$/.test(samples[0].labels.version) && samples[0].labels.compiler !== "",
    B: between(0, 300),
  },
  Streams: { A: is(kHeld), B: is(1), C: is(kMostStreams) },
  "Streams opened and refused, a second": { A: rises, B: rises, C: rises },
  "Ended streams, a second": {
    A: (samples) => samples.map(({ labels }) => labels.reason).sort().join() === kReasons.join() &&
      samples.every(({ labels, value }) => (labels.reason === "client_left" ? value > 0.1 : value === 0)),
  },
  "Events and bytes, a second": { A: rises, B: rises, C: rises },
  "Missed events, a second": { A: rises, B: rises },
  "Failures, a second": { A: is(0), B: is(0), C: between(0, 100) },
  "From publishing to the socket": { A: between(0, 2), B: between(0, 2) },
  "Lag of the event loops": { A: between(0, 2), B: between(0, 2) },
  Processors: { A: between(0.0001, availableParallelism()) },
  Memory: { A: (samples, { process }) => between(resident(process) / 2, resident(process) * 2)(samples) },
  Descriptors: {
    A: (samples, { process }) => between(open(process) - 5, open(process) + 5)(samples),
    B: (samples, { process }) => is(mostOpen(process))(samples),
  },
  Channels: {
    A: ofChannels(({ large, news }) => large === 1 && news === kFollowers),
    B: ofChannels(({ news }) => news > 0),
    C: ofChannels(({ large, news }) => large === 1 && news > 3),
    D: ofChannels(({ large, news }) => large > 1_000_000 && news > 0 && news < 100_000),
  },
};

describe("Watching the server", { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "tidings-prometheus-data-"));
  let dashboard, durable, load, prometheus, server;

  before(async () => {
    const token = ["--publish_token", kToken];
    server = await Server.start(0, ...token, "--channel_metrics", "10", "--max_streams", String(kMostStreams));
    durable = await Server.start(0, ...token, "--data_dir", folder, "--log_level", "error");
    prometheus = await Prometheus.start([new URL(server.url).host, new URL(durable.url).host]);
    dashboard = new Dashboard({ job: "tidings", instance: new URL(server.url).host, __rate_interval: kRateInterval });
    load = new Load(server, kToken);
    for (let i = 0; i < kFollowers; ++i) assert.equal((await load.follow("/channels/news")).status, 200);
    for (let i = 0; i < kClocks; ++i) assert.equal((await load.follow("/events?interval_ms=10")).status, 200);
    await load.stall("large", async () => /^tidings_blocked_streams 1$/m.test(await metrics(server)));
  });

  after(async () => {
    load?.close();
    const code = await prometheus?.stop();
    await server?.stop();
    await durable?.endsWell();
    rmSync(folder, { recursive: true });
    assert.equal(code, 0, "Prometheus' exit code");
  });

  const metrics = async ({ url }) => (await fetch(new URL("/metrics", url))).text();

  it("promtool takes the configuration, and its four rules", () => {
    const { code, said } = promtool(["check", "config", "deploy/prometheus.yml"]);
    assert.equal(code, 0, said);
    assert.match(said, /SUCCESS: 4 rules found/);
  });

  it("each rule fires when it should, and not before or beside that", () => {
    const { code, said } = promtool(["test", "rules", "tests/prometheus/alerts_test.yml"]);
    assert.equal(code, 0, said);
    // To promtool no case is too strange in which nothing fires: an alert that there is not, a file of rules that is not there.
    assert.doesNotMatch(said, /WARNING/);
    const cases = readFileSync("tests/prometheus/alerts_test.yml", "utf8").split(/- alertname: /).slice(1);
    assert.deepEqual([...new Set(cases.map((text) => /^\w+/.exec(text)[0]))].sort(), kAlerts);
    for (const name of kAlerts) {
      const ofThis = cases.filter((text) => text.startsWith(`${name}\n`));
      assert.ok(ofThis.some((text) => text.includes("exp_alerts: []")), `no case in which ${name} does not fire`);
      assert.ok(ofThis.some((text) => !text.includes("exp_alerts: []")), `no case in which ${name} fires`);
    }
  });

  it("promtool has nothing to say against the metrics, with and without those of channels", async () => {
    for (const each of [server, durable]) {
      const text = await metrics(each);
      assert.equal(text.includes("tidings_channel_subscribers{"), each === server);
      const { code, said } = promtool(["check", "metrics"], text);
      assert.deepEqual({ code, said }, { code: 0, said: "" });
      // Which promtool does not look for: a series twice, a metric in two places.
      const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
      const series = lines.map((line) => line.slice(0, line.lastIndexOf(" ")));
      assert.equal(new Set(series).size, series.length, "a series is there twice");
      const metricOf = (name) => name.replace(/\{.*/, "").replace(/_(bucket|sum|count)$/, "");
      const blocks = series.map(metricOf).filter((name, i, all) => name !== all[i - 1]);
      assert.equal(new Set(blocks).size, blocks.length, "a metric's series are in two places");
    }
  });

  it("Prometheus takes what the servers say, and the rules", async () => {
    const isUp = ({ activeTargets }) => activeTargets.length === 2 && activeTargets.every(({ health }) => health === "up");
    const { activeTargets } = await prometheus.until("both servers to be up", "/api/v1/targets", isUp);
    assert.deepEqual(activeTargets.map(({ lastError }) => lastError), ["", ""]);
    const { groups } = await prometheus.ask("/api/v1/rules");
    assert.deepEqual(groups.flatMap(({ rules }) => rules.map(({ name }) => name)).sort(), kAlerts);
  });

  it("the dashboard's variables have the job and the servers", async () => {
    const found = {};
    for (const { name, metric, label } of dashboard.variables()) {
      found[name] = await prometheus.ask(`/api/v1/label/${label}/values`, { "match[]": metric });
    }
    assert.deepEqual(found.job, ["tidings"]);
    assert.deepEqual(found.instance.sort(), [server, durable].map(({ url }) => new URL(url).host).sort());
  });

  it("the dashboard's panels have numbers of their own, a place of their own, and the data source that is chosen", () => {
    const { panels, templating } = dashboard.json;
    assert.equal(templating.list[0].type, "datasource");
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    const taken = new Set();
    for (const { title, datasource, gridPos, targets } of panels) {
      assert.ok(gridPos.x + gridPos.w <= 24, `${title} is beyond the dashboard's edge`);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; ++x) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; ++y) {
          assert.ok(!taken.has(`${x},${y}`), `${title} lies on another panel`);
          taken.add(`${x},${y}`);
        }
      }
      for (const { uid } of [datasource, ...targets.map((target) => target.datasource)]) {
        assert.equal(uid, `\${${templating.list[0].name}}`, title);
      }
    }
    assert.deepEqual(panels.map(({ title }) => title).sort(), Object.keys(kShown).sort(), "what each panel is to show");
  });

  for (const panel of new Dashboard({}).panels) {
    it(`the panel "${panel.title}" shows what there is`, async () => {
      const shown = kShown[panel.title];
      const expressions = dashboard.expressions(panel);
      const legends = [];
      assert.deepEqual(expressions.map(({ refId }) => refId), Object.keys(shown));
      for (const { refId, expression } of expressions) {
        const isRate = expression.includes("rate(");
        const meanwhile = isRate ? () => load.round("news", kMostStreams - kHeld) : undefined;
        const samples = await prometheus.untilQuery(expression, (seen) => shown[refId](seen, server), meanwhile);
        for (const { labels } of samples) legends.push(dashboard.legend(panel, refId, labels));
      }
      if (panel.type !== "table") assert.equal(new Set(legends).size, legends.length, `two are called the same: ${legends}`);
    });
  }

  it("no alert fires for servers that are well", async () => {
    const { alerts } = await prometheus.ask("/api/v1/alerts");
    // Lag is the machine's, which may be busy.
    assert.deepEqual(alerts.filter(({ labels }) => labels.alertname !== "TidingsLoopLag"), []);
  });

  // Whose annotations are sentences about this server.
  async function fires(name, { url }) {
    const { host } = new URL(url);
    const { annotations } = await prometheus.untilAlert(name, host, "firing");
    for (const text of Object.values(annotations)) assert.doesNotMatch(text, /<no value>|\{\{|<error/);
    assert.ok(annotations.summary.includes(host), annotations.summary);
  }

  it("TidingsNearlyFull fires while there are as many streams as there may be", async () => {
    const more = [];
    while (more.length < kMostStreams - kHeld) {
      const stream = await load.follow("/channels/news");
      if (stream.status === 200) more.push(stream); // else one of those that have left is still there
    }
    await fires("TidingsNearlyFull", server);
    more.forEach(({ close }) => close());
    await prometheus.untilAlert("TidingsNearlyFull", new URL(server.url).host, "inactive");
  });

  it("TidingsHistoryTrouble fires while the disk takes nothing more", async () => {
    const publish = () => new Load(durable, kToken).publish("news", "x".repeat(10_000));
    assert.equal(await publish(), 200);
    const setFileSize = (limit) => execFileSync("prlimit", [`--pid=${durable.process}`, `--fsize=${limit}:`]);
    setFileSize(0);
    for (const start = performance.now(); (await publish()) !== 503; ) {
      assert.ok(performance.now() - start < kPatience, "what can't be kept is taken");
    }
    await fires("TidingsHistoryTrouble", durable);
    setFileSize("unlimited");
    await prometheus.untilAlert("TidingsHistoryTrouble", new URL(durable.url).host, "inactive");
    assert.equal(await publish(), 200);
  });

  it("TidingsDown fires for a server that has ended", async () => {
    load.close();
    await server.endsWell();
    await fires("TidingsDown", server);
  });
});
