// Prometheus as Debian has it: its tool, and the program itself with the configuration of deploy/, made quick, in a folder
// that goes with it.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { kPatience, within } from "../browser/deadline.mjs";
import { environment, unpacked } from "../proxies/packages.mjs";

const kScrapeMilliseconds = 250;
// What the dashboard's $__rate_interval is to it: four scrapes and some more, for a machine that is busy.
export const kRateInterval = "2s";

const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

// A file of deploy/, with what each of these finds, which has to be there, replaced.
function changed(file, replacements) {
  let text = readFileSync(`deploy/${file}`, "utf8");
  for (const [from, to] of replacements) {
    if (!from.test(text)) throw new Error(`deploy/${file} has nothing like ${from} any more`);
    text = text.replaceAll(from, to);
  }
  return text;
}

// What promtool says to these arguments: { code, said }.
export function promtool(args, input = "") {
  const root = unpacked(["prometheus"]);
  const { error, status, stdout, stderr } = spawnSync(join(root, "usr/bin/promtool"), args, {
    encoding: "utf8",
    env: environment(root),
    input,
    timeout: 4 * kPatience,
  });
  if (error) throw error;
  return { code: status, said: stdout + stderr };
}

export class Prometheus {
  #child;
  #exit;
  #folder = mkdtempSync(join(tmpdir(), "tidings-prometheus-"));
  #log = "";
  #url;

  // Watches the servers at these places, HOST:PORT. Resolves once it answers.
  static async start(targets) {
    const prometheus = new Prometheus(targets);
    try {
      await prometheus.#listening();
      await prometheus.until("its being ready", "/-/ready", (text) => /ready/i.test(text));
    } catch (error) {
      await prometheus.stop().catch(() => {});
      throw new Error(`Prometheus does not start: ${error.message}\n${prometheus.#log}`);
    }
    return prometheus;
  }

  constructor(targets) {
    const root = unpacked(["prometheus"]);
    const config = join(this.#folder, "prometheus.yml");
    writeFileSync(config, changed("prometheus.yml", [
      [/(scrape|evaluation)_interval: 15s/g, `$1_interval: ${kScrapeMilliseconds}ms`],
      [/\["127\.0\.0\.1:9009"\]/g, JSON.stringify(targets)],
    ]));
    writeFileSync(join(this.#folder, "alerts.yml"), changed("alerts.yml", [[/for: [15]m$/gm, "for: 1s"]]));
    const data = join(this.#folder, "data");
    const args = [`--config.file=${config}`, `--storage.tsdb.path=${data}`, "--web.listen-address=127.0.0.1:0"];
    this.#child = spawn(join(root, "usr/bin/prometheus"), args, {
      cwd: this.#folder,
      env: environment(root),
      stdio: ["ignore", "ignore", "pipe"],
    });
    running.add(this.#child);
    this.#exit = once(this.#child, "exit").finally(() => running.delete(this.#child));
    this.#exit.catch(() => {});
  }

  // SIGTERM; resolves to its exit code.
  async stop() {
    this.#child.kill("SIGTERM");
    try {
      const [code] = await within(kPatience, "Prometheus' end after SIGTERM", this.#exit);
      return code;
    } catch (error) {
      this.#child.kill("SIGKILL");
      throw error;
    } finally {
      rmSync(this.#folder, { recursive: true, force: true });
    }
  }

  // What it says to a path and parameters; where it is JSON, its data.
  async ask(path, parameters = {}) {
    const url = new URL(path, this.#url);
    url.search = new URLSearchParams(parameters);
    const answer = await fetch(url, { signal: AbortSignal.timeout(kPatience) });
    const text = await answer.text();
    if (!answer.headers.get("content-type")?.includes("json")) return text;
    const { status, data, error } = JSON.parse(text);
    if (status !== "success") throw new Error(`${error}, asked ${url.search}`);
    return data;
  }

  // The samples of an expression as they are now: [{ labels, value }].
  async query(expression) {
    const { resultType, result } = await this.ask("/api/v1/query", { query: expression });
    if (resultType !== "vector") throw new Error(`${expression} is a ${resultType}`);
    return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  // Asks again until that is right; resolves to it. `meanwhile` is done before each further time.
  async until(what, path, isRight, { parameters, meanwhile } = {}) {
    return this.#until(what, () => this.ask(path, parameters), isRight, meanwhile);
  }
  async untilQuery(expression, isRight, meanwhile) {
    return this.#until(expression, () => this.query(expression), isRight, meanwhile);
  }

  // Of an alert for a server, by when it is in this state: "firing", or "inactive".
  async untilAlert(name, instance, state) {
    const isIt = ({ labels }) => labels.alertname === name && labels.instance === instance;
    const isRight = ({ alerts }) => {
      const alert = alerts.find(isIt);
      return state === "inactive" ? !alert : alert?.state === state;
    };
    return (await this.until(`${name} of ${instance} to be ${state}`, "/api/v1/alerts", isRight)).alerts.find(isIt);
  }

  async #until(what, ask, isRight, meanwhile = () => new Promise((done) => setTimeout(done, kScrapeMilliseconds / 5))) {
    const deadline = performance.now() + kPatience;
    for (;;) {
      const seen = await ask().catch((error) => {
        if (error.cause === undefined) throw error; // else it can't be reached yet
        return error.message;
      });
      if (typeof seen === "object" ? isRight(seen) : isRight(String(seen))) return seen;
      if (performance.now() > deadline) {
        throw new Error(`Waited ${kPatience} ms for ${what}; there is ${JSON.stringify(seen).slice(0, 1000)}`);
      }
      await meanwhile();
    }
  }

  async #listening() {
    const listening = new Promise((resolve) => {
      createInterface({ input: this.#child.stderr }).on("line", (line) => {
        this.#log += `${line}\n`;
        const found = /msg="Listening on" address=(\S+)/.exec(line);
        if (found) resolve(`http://${found[1]}`);
      });
    });
    const end = this.#exit.then(([code, signal]) => {
      throw new Error(`it ended with ${code ?? signal}`);
    });
    this.#url = await within(kPatience, "the line that says where Prometheus is", Promise.race([listening, end]));
  }
}
