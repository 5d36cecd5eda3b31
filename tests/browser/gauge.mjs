// One figure of the server's /metrics, over one connection that is kept, so that a reading takes about a millisecond.
import { Agent, get } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

import { kPatience } from "./deadline.mjs";

export class Gauge {
  #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #url;
  #pattern;

  constructor(serverUrl, name) {
    this.#url = new URL("/metrics", serverUrl);
    this.#pattern = new RegExp(`^${name} (\\d+)$`, "m");
  }

  async read() {
    const text = await new Promise((resolve, reject) => {
      const request = get(this.#url, { agent: this.#agent }, (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (part) => (body += part));
        response.on("end", () => resolve(body));
        response.on("error", reject);
      });
      request.on("error", reject);
    });
    const found = this.#pattern.exec(text);
    if (!found) throw new Error(`There is no ${this.#pattern} in ${this.#url}:\n${text}`);
    return Number(found[1]);
  }

  // Reads it every other millisecond until it is `value`; resolves to when (performance.now()) that answer had come.
  async becomes(value) {
    const end = performance.now() + kPatience;
    while (performance.now() < end) {
      if ((await this.read()) === value) return performance.now();
      await pause(1); // the browser needs the processor more
    }
    throw new Error(`Waited ${kPatience} ms for ${this.#pattern} to become ${value}`);
  }

  close() {
    this.#agent.destroy();
  }
}
