// Where clients run that are in no page: in a process of node, or as programs that Debian's packages have or build.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

import { environment, unpacked } from "../proxies/packages.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

// A process that tells a line of JSON each. Resolves to what ends it.
function openProcess([program, ...args], told, env = process.env) {
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  let log = "";
  child.stderr.on("data", (text) => (log += text));
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { event, ended } = JSON.parse(line);
    if (event !== undefined) told.event(event);
    if (ended !== undefined) told.end(ended);
  });
  const exit = once(child, "close").finally(() => running.delete(child));
  exit.then(([code, signal]) => told.end(`exit with ${code ?? signal}. ${log}`), (error) => told.end(error.message));
  return async () => {
    child.kill("SIGKILL");
    await exit.catch(() => {});
  };
}

const nodeOf = (version) => here(`node_modules/node-${version}/bin/node`);

function node(version, ...flags) {
  return {
    lacks: () => (existsSync(nodeOf(version)) ? undefined : `there is no node ${version} for this kind of machine on npm`),
    open: (client, { url, path, told }) =>
      openProcess([nodeOf(version), "--no-warnings", ...flags, here("host.mjs"), client.adapter, new URL(path, url).href], told),
  };
}

// What a client's folder of packages is, as Debian has them here: downloaded once, and not installed.
const rootOf = ({ packages }) => unpacked(packages);

// Of the package that is the client, as its own changelog has it.
function versionOf(client) {
  const changelog = join(rootOf(client), "usr/share/doc", client.packages.at(-1), "changelog.Debian.gz");
  return /\((?:\d+:)?([^-+)]+)/.exec(gunzipSync(readFileSync(changelog)).toString())[1];
}

// A program of Go's, built once, with the libraries of Debian's packages.
const built = new Map();
function build(root, file) {
  if (built.has(file)) return built.get(file);
  const folder = mkdtempSync(join(tmpdir(), "tidings-go-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const go = join(root, "usr/lib/go-1.19");
  const places = { GOROOT: go, GOPATH: join(root, "usr/share/gocode"), GOCACHE: folder };
  const env = { ...process.env, ...places, GO111MODULE: "off", CGO_ENABLED: "0" };
  execFileSync(join(go, "bin/go"), ["build", "-o", join(folder, "client"), here(`adapters/${file}`)], { env });
  built.set(file, join(folder, "client"));
  return join(folder, "client");
}

const kCommands = {
  ".go": (root, file) => [build(root, file)],
  ".php": (root, file) => {
    const libraries = `include_path=${join(root, "usr/share/php")}`;
    return [join(root, "usr/bin/php8.2"), "-d", libraries, here(`adapters/${file}`)];
  },
  ".sh": (root, file) => ["bash", here(`adapters/${file}`)],
};

const commandOf = (client) => kCommands[/\.\w+$/.exec(client.adapter)[0]](rootOf(client), client.adapter);

const debian = {
  lacks(client) {
    let version;
    try {
      version = versionOf(client);
      commandOf(client);
    } catch (error) {
      return `its packages can't be had: ${error.message}`;
    }
    return version === client.version ? undefined : `this system's is ${version}, and ${client.version} is what the table tells`;
  },
  open(client, { url, path, told }) {
    return openProcess([...commandOf(client), new URL(path, url).href], told, environment(rootOf(client)));
  },
};

export const kPlaces = {
  "node 24": node("24", "--experimental-eventsource"),
  "node 20": node("20", "--experimental-eventsource"),
  Debian: debian,
};
