#!/bin/bash
# Which last event ID reconnecting-eventsource asks with once it has to make a new EventSource.
#
# Version:   reconnecting-eventsource 1.6.5 over eventsource 3.0.7, on node 20.20.2.
# Expected:  after an HTTP error, for which an EventSource closes, it resumes behind the last event of the stream: the
#            id of each event counts, as in an EventSource, whatever its type and whether or not anyone listens.
# Behaviour: it reads ids in the listener that it adds for the types given to addEventListener(); for onmessage it reads
#            none. With onmessage alone it asks with no id at all and the place is lost. With onmessage and a listener
#            for another type it asks with the id of the last event of that type, and what came behind it comes twice.
#            The end of a stream alone does no harm: the EventSource below reconnects by itself, with the right id.
# Way out:   addEventListener("message", ...) in place of onmessage, and a listener for each type that the stream has,
#            be it an empty one. A client leaves out events with an id that it has seen.
# Output seen:
#   onmessage: asks with no id, 3, no id; message=2,3,2,3,4
#   onmessage and a listener for tide: asks with no id, 3, 1; message=2,3,2,3,4
#   listeners for message and tide: asks with no id, 3, 3; message=2,3,4
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd -- "$folder"

timeout 300 npm install --prefix "$folder" --no-audit --no-fund --ignore-scripts --loglevel=error \
  reconnecting-eventsource@1.6.5 eventsource@3.0.7 > /dev/null

cat > ids.mjs << 'JS'
import http from "node:http";

import { EventSource } from "eventsource";
import reconnecting from "reconnecting-eventsource";

const ReconnectingEventSource = reconnecting.default ?? reconnecting;
const kEvents = ["event: tide\nid: 1\ndata: 1\n\n", "id: 2\ndata: 2\n\n", "id: 3\ndata: 3\n\n", "id: 4\ndata: 4\n\n"];

// Three events and the stream's end; an HTTP error; then what is behind the id that was asked with, up to the fourth.
async function run(name, listen) {
  const asked = [];
  let requests = 0;
  const server = http.createServer((request, response) => {
    asked.push(request.headers["last-event-id"] ??
               new URL(request.url, "http://localhost").searchParams.get("lastEventId") ?? "no id");
    if (++requests === 2) {
      response.writeHead(503).end();
      return;
    }
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    if (requests === 1) {
      response.end("retry: 50\n\n" + kEvents.slice(0, 3).join(""));
      return;
    }
    response.write(kEvents.slice(Number(asked[2]) || 0).join(""));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const source = new ReconnectingEventSource(`http://127.0.0.1:${server.address().port}/`,
                                             { eventSourceClass: EventSource, max_retry_time: 100 });
  const messages = [];
  await new Promise((resolve) => listen(source, ({ data }) => {
    messages.push(data);
    if (data === "4") resolve();
  }));
  console.log(`${name}: asks with ${asked.join(", ")}; message=${messages}`);
  source.close();
  server.closeAllConnections();
  server.close();
}

await run("onmessage", (source, take) => { source.onmessage = take; });
await run("onmessage and a listener for tide", (source, take) => {
  source.onmessage = take;
  source.addEventListener("tide", () => {});
});
await run("listeners for message and tide", (source, take) => {
  source.addEventListener("message", take);
  source.addEventListener("tide", () => {});
});
process.exit(0);
JS

expected='onmessage: asks with no id, 3, no id; message=2,3,2,3,4
onmessage and a listener for tide: asks with no id, 3, 1; message=2,3,2,3,4
listeners for message and tide: asks with no id, 3, 3; message=2,3,4'
seen=$(timeout 60 node ids.mjs) || true
echo "$seen"
if [[ $expected != "$seen" ]]; then
  printf 'expected\n%s\n' "$expected" >&2
  exit 1
fi
