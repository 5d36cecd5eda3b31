// examples/cluster as its readers start it: bazel run //tests/examples:cluster. It is no test of `//...`, since nginx comes
// from Debian's packages, which are unpacked and not installed.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";

import { kPatience, within } from "../browser/deadline.mjs";
import { environment, unpacked } from "../proxies/packages.mjs";

const kPorts = 5; // one behind the other
const kPath = "/channels/news";
const upTo = (first, last) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

// The first of some ports that nobody listens at: below those that the system gives to clients. The script can't be told to
// find some itself, since nginx and Redis can't.
async function freePorts() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const servers = upTo(port, port + kPorts - 1).map((each) => createServer().listen(each, "127.0.0.1"));
    const listening = await Promise.allSettled(servers.map((server) => once(server, "listening")));
    await Promise.all(servers.filter((server) => server.listening).map((server) => once(server.close(), "close")));
    if (listening.every(({ status }) => status === "fulfilled")) return port;
  }
}

// The script as a process: what it says of each program, and how to publish.
class Cluster {
  processes = new Map(); // by name: redis, node1, node2, node3, nginx
  #child;
  #exit;
  #said = "";

  static async start() {
    const cluster = new Cluster();
    cluster.port = await freePorts();
    const root = unpacked(["nginx", "redis-server"]);
    const folders = ["usr/sbin", "usr/bin"].map((name) => join(root, name));
    cluster.#child = spawn("examples/cluster/run.sh", [String(cluster.port)], {
      env: {
        ...environment(root),
        PATH: `${process.env.PATH}:${folders.join(":")}`,
        TIDINGS_SERVER: resolve("server/server"),
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    cluster.#exit = once(cluster.#child, "exit");
    const isThere = new Promise((resolve, reject) => {
      for (const stream of [cluster.#child.stdout, cluster.#child.stderr]) {
        createInterface({ input: stream }).on("line", (line) => cluster.#take(line) && resolve());
      }
      cluster.#exit.then(() => reject(new Error(`it has ended: ${cluster.#said}`)), reject);
    });
    await within(kPatience, () => `the cluster's URL; it has said ${cluster.#said}`, isThere);
    return cluster;
  }

  get url() {
    return `http://localhost:${this.port}`;
  }

  // As Ctrl+C does it, to the whole group, but for the programs, which a shell has let ignore it. Resolves to the exit code.
  async end() {
    this.#child.kill("SIGINT");
    const [code] = await within(kPatience, () => `the script's end; it has said ${this.#said}`, this.#exit);
    return code;
  }

  #take(line) {
    this.#said += `${line}\n`;
    const [, name, id] = /^(\w+), process (\d+), at port \d+$/.exec(line) ?? [];
    if (name) this.processes.set(name, Number(id));
    this.token ??= /Bearer (\w+)"/.exec(line)?.[1];
    return line.endsWith("(Ctrl+C stops it)");
  }
}

// A stream that comes back, as EventSource does.
class Follower {
  numbers = [];
  breaks = -1; // it comes for the first time, too
  #id;
  #isOpen;
  #stop = new AbortController();
  #tell = () => {};

  constructor(url) {
    this.#isOpen = new Promise((resolve) => this.#follow(url, resolve));
  }

  opened() {
    return within(kPatience, "a stream's beginning", this.#isOpen);
  }

  // Resolves once this number has come.
  until(number) {
    const there = new Promise((resolve) => {
      this.#tell = () => this.numbers.includes(number) && resolve();
      this.#tell();
    });
    return within(kPatience, () => `event ${number}; there are ${this.numbers}`, there);
  }

  close() {
    this.#stop.abort();
  }

  async #follow(url, opened) {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.breaks += 1;
      try {
        const headers = this.#id ? { "Last-Event-ID": this.#id } : {};
        const { body, status } = await fetch(url, { headers, signal });
        if (status === 200) await this.#read(body, opened);
      } catch {
        // cut, or refused
      }
      await new Promise((resolve) => setTimeout(resolve, 20)); // as an EventSource waits, only shorter
    }
  }

  async #read(body, opened) {
    let text = "";
    for await (const part of body.pipeThrough(new TextDecoderStream())) {
      text += part;
      for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) {
        const field = (name) => new RegExp(`^${name}: (.*)$`, "m").exec(text.slice(0, end))?.[1];
        this.#id = field("id") ?? this.#id;
        const type = field("event") ?? "message";
        if (type === "begin") opened();
        else this.numbers.push(type === "message" ? Number(field("data")) : type);
        this.#tell();
      }
    }
  }
}

const isAlive = (id) => {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
};

describe("Three nodes behind nginx", { timeout: 60_000 }, () => {
  let cluster;
  const followers = [];

  before(async () => (cluster = await Cluster.start()));
  after(async () => {
    followers.forEach((follower) => follower.close());
    await cluster?.end();
  });

  // As a publisher does that is not sure: again with the same key, until it is answered.
  async function publish(number) {
    const headers = { Authorization: `Bearer ${cluster.token}`, "Idempotency-Key": String(number) };
    for (const end = performance.now() + kPatience; performance.now() < end; ) {
      const sent = fetch(cluster.url + kPath, { method: "POST", headers, body: String(number) });
      if ((await sent.then(({ status }) => status, () => 0)) === 200) return;
    }
    assert.fail(`event ${number} was never answered`);
  }
  const streams = async (node) => {
    const text = await (await fetch(`http://localhost:${cluster.port + node}/metrics`)).text();
    return Number(/^tidings_streams (\d+)$/m.exec(text)[1]);
  };

  it("bring what is published through nginx to followers on each node", async () => {
    for (let count = 0; count < 3; ++count) {
      followers.push(new Follower(cluster.url + kPath));
      await followers.at(-1).opened();
    }
    assert.deepEqual(await Promise.all([1, 2, 3].map(streams)), [1, 1, 1]);
    for (const number of upTo(1, 20)) await publish(number);
    for (const follower of followers) {
      await follower.until(20);
      assert.deepEqual(follower.numbers, upTo(1, 20));
    }
  });

  it("lose nothing where one of them is killed", async () => {
    process.kill(cluster.processes.get("node2"), "SIGKILL");
    for (const number of upTo(21, 60)) await publish(number);
    for (const follower of followers) {
      await follower.until(60);
      assert.deepEqual(follower.numbers, upTo(1, 60));
    }
    assert.equal(followers.filter(({ breaks }) => breaks > 0).length, 1, "how many were on that node");
    assert.equal((await streams(1)) + (await streams(3)), 3);
  });

  it("end all together", async () => {
    followers.forEach((follower) => follower.close());
    assert.equal(await cluster.end(), 0);
    assert.equal(cluster.processes.size, kPorts);
    for (const [name, id] of cluster.processes) assert.ok(!isAlive(id), `${name} is still there`);
    const socket = connect(cluster.port, "127.0.0.1");
    const [{ code }] = await once(socket, "error");
    assert.equal(code, "ECONNREFUSED");
    cluster = undefined;
  });
});
