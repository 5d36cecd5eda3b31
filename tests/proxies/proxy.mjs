// A proxy in front of a server, with a certificate of its own, in a folder that goes with it.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { kPatience, within } from "../browser/deadline.mjs";
import { environment, unpacked } from "./packages.mjs";
import { kProxies } from "./proxies.mjs";
import { ask, Connection } from "./streams.mjs";

const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

// Whoever listens there next has to be quick; all of them at once, so that they are different ones.
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

function makeCertificate(folder) {
  const [certificate, key, both] = ["robot.pem", "key.pem", "both.pem"].map((name) => join(folder, name));
  execFileSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
    ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate],
  ], { stdio: "ignore" });
  writeFileSync(both, readFileSync(certificate, "utf8") + readFileSync(key, "utf8"));
  return { certificate, key, both };
}

export class Proxy {
  #children = [];
  #log = "";
  #place;

  // In front of the server at this URL. Resolves once it takes connections. `options`: unixSocket, where the server listens
  // too; isCompressing, with compression switched on.
  static async start(name, url, options = {}) {
    const proxy = new Proxy();
    proxy.kind = kProxies[name];
    const folder = mkdtempSync(join(tmpdir(), `tidings-${name}-`));
    const [port, ...ports] = await freePorts(3);
    const backend = `127.0.0.1:${new URL(url).port}`;
    const root = unpacked(proxy.kind.packages);
    proxy.#place = { root, folder, port, ports, backend, ...options, ...makeCertificate(folder) };
    try {
      for (const command of proxy.kind.start(proxy.#place)) proxy.#run(command);
      await proxy.#answers();
    } catch (error) {
      await proxy.stop();
      throw new Error(`${name} does not start: ${error.message}\n${proxy.#log}`);
    }
    return proxy;
  }

  get url() {
    return `https://localhost:${this.#place.port}`;
  }
  get port() {
    return this.#place.port;
  }

  // Resolves once the proxy has been told; what it does with its connections follows.
  async reload() {
    await this.kind.reload(this.#children, this.#place);
  }

  async stop() {
    for (const child of this.#children.reverse()) {
      child.kill("SIGTERM");
      const ended = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
      if (ended) await within(kPatience, "the proxy's end", ended).catch(() => child.kill("SIGKILL"));
    }
    // Workers that outlive their master, in the master's own group.
    for (const child of this.#children) {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // there is none
      }
    }
    rmSync(this.#place.folder, { recursive: true, force: true });
  }

  #run([program, ...args]) {
    const { folder, root } = this.#place;
    mkdirSync(join(folder, "home"), { recursive: true });
    const child = spawn(join(root, program), args, {
      cwd: folder,
      detached: true, // the head of a group, so that its workers end with it
      env: { ...environment(root), HOME: join(folder, "home") },
      stdio: ["ignore", "pipe", "pipe"],
    });
    running.add(child);
    child.on("exit", () => running.delete(child));
    child.on("error", (error) => (this.#log += error.message));
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (this.#log += text));
    this.#children.push(child);
  }

  // It says in no way that all of them have that it is ready, so it is asked: one that is two programs takes connections before
  // the second is there.
  async #answers() {
    const deadline = Date.now() + kPatience;
    const isThere = () => ask(new Connection(this.port, { isHttp1: true }), "GET", "/healthz").then(
      ({ status }) => status === 200,
      () => false,
    );
    while (!(await isThere())) {
      if (Date.now() > deadline) throw new Error("it answers nothing");
      if (this.#children.some(({ exitCode }) => exitCode !== null)) throw new Error("it has ended");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
