// A real server as a process of its own: its URL from what it prints, and its end by SIGTERM.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

import { kPatience, within } from "./deadline.mjs";

const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

export class Server {
  #child;
  #exit;
  #log = "";

  // The program //server. Resolves once it listens. Port 0 is a free one; `flags` are further ones, as on a command line.
  static start(port = 0, ...flags) {
    return Server.run(process.env.TIDINGS_SERVER, ["--port", String(port), "--shutdown_delay_s", "0", ...flags]);
  }
  // The one of examples/page, on a free port.
  static startExample() {
    return Server.run(process.env.TIDINGS_EXAMPLE, ["--port", "0"]);
  }
  // Another of examples/, by its path there.
  static startOther(path) {
    return Server.run(join(dirname(process.env.TIDINGS_EXAMPLE), "..", path), ["--port", "0"]);
  }

  // Another that prints where it is as they do.
  static async run(program, args = []) {
    const server = new Server(program, args);
    await server.#listening();
    return server;
  }

  constructor(program, args) {
    this.#child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    running.add(this.#child);
    this.#child.stderr.on("data", (text) => (this.#log += text));
    // An error is a program that could not be started, and has no exit.
    this.#exit = once(this.#child, "exit").finally(() => running.delete(this.#child));
    this.#exit.catch(() => {});
  }

  get port() {
    return Number(new URL(this.url).port);
  }

  get process() {
    return this.#child.pid;
  }

  // SIGTERM, and what came of it: { code, signal, milliseconds }. Once it has ended, the same without the signal sent.
  async stop() {
    const start = performance.now();
    this.#child.kill("SIGTERM");
    try {
      const [code, signal] = await within(kPatience, "the server's end after SIGTERM", this.#exit);
      return { code, signal, milliseconds: performance.now() - start };
    } catch (error) {
      this.#child.kill("SIGKILL");
      throw error;
    }
  }

  // The same, which must be as it was asked to.
  async endsWell() {
    const end = await this.stop();
    assert.deepEqual([end.code, end.signal], [0, null], "the server's exit code and signal");
    return end;
  }

  // SIGKILL; resolves once it has ended.
  async kill() {
    this.#child.kill("SIGKILL");
    await within(kPatience, "the server's end after SIGKILL", this.#exit);
  }

  // Resolves to the event's id.
  async publish(data, channel = "demo") {
    const answer = await fetch(new URL(`/channels/${channel}`, this.url), { method: "POST", body: data });
    assert.equal(answer.status, 200);
    return (await answer.json()).id;
  }

  async #listening() {
    const lines = createInterface({ input: this.#child.stdout });
    const url = new Promise((resolve) => {
      lines.on("line", (line) => {
        const found = / (http:\S+) \(Ctrl\+C stops it\)$/.exec(line);
        if (found) resolve(found[1]);
      });
    });
    const end = this.#exit.then(([code, signal]) => {
      throw new Error(`The server ended with ${code ?? signal} before it listened. ${this.#log}`);
    });
    try {
      this.url = await within(kPatience, "the line that says where the server is", Promise.race([url, end]));
    } catch (error) {
      this.#child.kill("SIGKILL");
      throw error;
    }
  }
}
