#!/bin/bash
# What SSEClientTransport of the Model Context Protocol's SDK asks with when its stream has broken.
#
# Version:   @modelcontextprotocol/sdk 1.32.2 over eventsource 3.0.7, on node 20.20.2.
# Expected:  the EventSource that it is made of reconnects with the id of the last event as Last-Event-ID, as it does on
#            its own, so that a server can send what came meanwhile.
# Behaviour: the transport makes the request by a fetch of its own, in which its fields take the place of those that the
#            EventSource has given: Last-Event-ID is left out. It reconnects, in silence, to a server that takes it for a
#            new client, and the messages that came meanwhile are lost.
# Way out:   `eventSourceInit: { fetch }` with one that adds the field, from the ids that it has read itself; or
#            StreamableHTTPClientTransport, which sends it. The server cannot help it.
# Output seen:
#   eventsource: asks with no id, 5
#   SSEClientTransport: asks with no id, no id
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd -- "$folder"

timeout 300 npm install --prefix "$folder" --no-audit --no-fund --ignore-scripts --loglevel=error \
  @modelcontextprotocol/sdk@1.32.2 eventsource@3.0.7 > /dev/null

cat > asks.mjs << 'JS'
import http from "node:http";

import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { EventSource } from "eventsource";

// A stream with one event, which ends, and with what its client asks for that and for the next.
async function run(name, follow) {
  const asked = [];
  let isDone;
  const done = new Promise((resolve) => { isDone = resolve; });
  const server = http.createServer((request, response) => {
    asked.push(request.headers["last-event-id"] ?? "no id");
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (asked.length === 2) return isDone();
    response.end("retry: 50\nid: 5\nevent: endpoint\ndata: /messages\n\n");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = follow(`http://127.0.0.1:${server.address().port}/`);
  await done;
  console.log(`${name}: asks with ${asked.join(", ")}`);
  await close();
  server.closeAllConnections();
  server.close();
}

await run("eventsource", (url) => {
  const source = new EventSource(url);
  return () => source.close();
});
await run("SSEClientTransport", (url) => {
  const transport = new SSEClientTransport(new URL(url));
  transport.onerror = () => {};
  transport.start();
  return () => transport.close();
});
process.exit(0);
JS

expected='eventsource: asks with no id, 5
SSEClientTransport: asks with no id, no id'
seen=$(timeout 60 node asks.mjs) || true
echo "$seen"
if [[ $expected != "$seen" ]]; then
  printf 'expected\n%s\n' "$expected" >&2
  exit 1
fi
