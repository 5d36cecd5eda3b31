#!/bin/bash
# What one message is in @sentool/fetch-event-source when an event does not arrive in one read.
#
# Version:   @sentool/fetch-event-source 0.6.0, on node 20.20.2.
# Expected:  how the bytes of an event stream are spread over reads is no matter: an event is one message, and a
#            stream's unfinished line waits for the rest of that stream.
# Behaviour: the fields of the current block live for one read. An event whose lines arrive in two reads is a message
#            with those of the second read only; data and type of the first are gone without an error. A read that ends
#            no line gives an empty message {}. The unfinished line is kept, but in one place for all streams of the
#            program: it is put before what any of them reads next, so one stream gets the other's half line and that
#            one misses it.
# Way out:   another client. The server writes a whole event at once and does not split one that fits into a segment,
#            but no server can promise that it arrives in one read.
# Output seen:
#   one read: {"event":"tide","data":"in","id":7}
#   two reads: {"id":7}
#   half a line: {} {"data":"in"}
#   two streams: first={} {"ta":"in"} second={"dadata":"out"}
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd -- "$folder"

timeout 300 npm install --prefix "$folder" --no-audit --no-fund --ignore-scripts --loglevel=error \
  @sentool/fetch-event-source@0.6.0 > /dev/null

cat > reads.mjs << 'JS'
import net from "node:net";

import { fetchEventSource } from "@sentool/fetch-event-source";

const kHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// A stream that is written by hand, and what its reader was given so far.
async function open() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const messages = [];
  const opened = new Promise((resolve) => {
    fetchEventSource(`http://127.0.0.1:${server.address().port}/`, {
      onopen: resolve,
      onmessage: (message) => messages.push(JSON.stringify(message)),
      onerror: (error) => messages.push(String(error)),
    });
  });
  const socket = await new Promise((resolve) => server.once("connection", resolve));
  socket.setNoDelay(true);
  socket.write(kHead);
  await opened;
  return {
    messages,
    async write(text) {
      socket.write(text);
      for (let turn = 0; turn < 20; ++turn) await wait(15); // it has been read before the next part is written
    },
  };
}

async function run(name, ...parts) {
  const stream = await open();
  for (const part of parts) await stream.write(part);
  console.log(`${name}: ${stream.messages.join(" ")}`);
}

await run("one read", "event: tide\ndata: in\nid: 7\n\n");
await run("two reads", "event: tide\ndata: in\n", "id: 7\n\n");
await run("half a line", "da", "ta: in\n\n");

const first = await open();
const second = await open();
await first.write("da");
await second.write("data: out\n\n");
await first.write("ta: in\n\n");
console.log(`two streams: first=${first.messages.join(" ")} second=${second.messages.join(" ")}`);
process.exit(0);
JS

expected='one read: {"event":"tide","data":"in","id":7}
two reads: {"id":7}
half a line: {} {"data":"in"}
two streams: first={} {"ta":"in"} second={"dadata":"out"}'
seen=$(timeout 60 node reads.mjs) || true
echo "$seen"
if [[ $expected != "$seen" ]]; then
  printf 'expected\n%s\n' "$expected" >&2
  exit 1
fi
