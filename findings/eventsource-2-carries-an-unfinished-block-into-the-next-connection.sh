#!/bin/bash
# What becomes of a block that the end of the stream leaves unfinished.
#
# Version:   eventsource 2.0.2, whose code is also that of Debian 12's node-eventsource 2.0.2+~1.1.10-1; on node
#            20.20.2.
# Expected:  an event is there with its blank line. What has come of it when the stream ends is dropped, its id too: the
#            client asks with the id of the last whole event and gets the other one again.
# Behaviour: data and type outlive the connection, and the first block of the next one is added to them: two events
#            become one message, with the type of the first if the other has none. An id counts from its own line on, so
#            that the event is not sent again if it was cut behind that.
# Way out:   eventsource 3.0.7 drops the block. A server writes the id in the last line of an event and begins each
#            stream with a blank line, which is nothing to others: here it makes the unfinished block a message of its
#            own. That one may be half an event, but the whole one comes next.
# Output seen:
#   2.0.2, cut before the id: asks with 1, alarm "two\ntwo", message "three"
#   2.0.2, cut behind the id: asks with 2, alarm "two\nthree"
#   2.0.2, cut before the id, blank line: asks with 1, alarm "two", alarm "two", message "three"
#   2.0.2, cut behind the id, blank line: asks with 2, alarm "two", message "three"
#   3.0.7, cut before the id: asks with 1, alarm "two", message "three"
#   3.0.7, cut behind the id: asks with 1, alarm "two", message "three"
#   3.0.7, cut before the id, blank line: asks with 1, alarm "two", message "three"
#   3.0.7, cut behind the id, blank line: asks with 1, alarm "two", message "three"
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd -- "$folder"

timeout 300 npm install --prefix "$folder" --no-audit --no-fund --ignore-scripts --loglevel=error \
  two@npm:eventsource@2.0.2 three@npm:eventsource@3.0.7 > /dev/null

cat > block.mjs << 'JS'
import net from "node:net";

const kHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
const kEvents = ["data: one\nid: 1\n\n", "event: alarm\ndata: two\nid: 2\n\n", "data: three\nid: 3\n\n"];

// The first event and some of the second's lines; on the next connection `begin` and what is behind the id asked with.
async function run(EventSource, name, lines, begin) {
  let connections = 0, asked;
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (request) => {
      if (++connections === 1) {
        socket.end(kHead + "retry: 50\n" + kEvents[0] + kEvents[1].split("\n").slice(0, lines).join("\n") + "\n");
      } else {
        asked = /^last-event-id: (.*)$/im.exec(request)?.[1];
        socket.write(kHead + begin + kEvents.slice(Number(asked)).join(""));
      }
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const seen = [];
  const source = new EventSource(`http://127.0.0.1:${server.address().port}/`);
  await new Promise((resolve) => {
    const take = ({ type, data }) => {
      if (data !== "one") seen.push(`${type} ${JSON.stringify(data)}`);
      if (data.endsWith("three")) resolve();
    };
    for (const type of ["message", "alarm"]) source.addEventListener(type, take);
  });
  console.log(`${name}: asks with ${asked}, ${seen.join(", ")}`);
  source.close();
  server.close();
}

for (const [version, EventSource] of [
  ["2.0.2", (await import("two")).default],
  ["3.0.7", (await import("three")).EventSource],
]) {
  for (const [blank, begin] of [["", ""], [", blank line", "\n"]]) {
    await run(EventSource, `${version}, cut before the id${blank}`, 2, begin);
    await run(EventSource, `${version}, cut behind the id${blank}`, 3, begin);
  }
}
process.exit(0);
JS

expected='2.0.2, cut before the id: asks with 1, alarm "two\ntwo", message "three"
2.0.2, cut behind the id: asks with 2, alarm "two\nthree"
2.0.2, cut before the id, blank line: asks with 1, alarm "two", alarm "two", message "three"
2.0.2, cut behind the id, blank line: asks with 2, alarm "two", message "three"
3.0.7, cut before the id: asks with 1, alarm "two", message "three"
3.0.7, cut behind the id: asks with 1, alarm "two", message "three"
3.0.7, cut before the id, blank line: asks with 1, alarm "two", message "three"
3.0.7, cut behind the id, blank line: asks with 1, alarm "two", message "three"'
seen=$(timeout 60 node block.mjs) || true
echo "$seen"
if [[ $expected != "$seen" ]]; then
  printf 'expected\n%s\n' "$expected" >&2
  exit 1
fi
