#!/bin/bash
# What the clients of HAProxy learn of a chunked response whose upstream goes before the last chunk.
#
# Version:   HAProxy 2.6.12 (Debian's 2.6.12-1+deb12u4), curl 7.88.1.
# Expected:  a cut is passed on as a cut: HTTP/1.1 has the missing last chunk for it, HTTP/2 has RST_STREAM.
# Behaviour: only HTTP/1.1 clients get it, as a connection that is closed without a last chunk. HTTP/2 clients get
#            END_STREAM, exactly as for a complete response, be the upstream's connection ended or reset.
# Way out:   none for the server. A client takes each end for a cut and reconnects with its last event ID; an end that
#            is meant is said by an event.
# Output seen:
#   ended: HTTP/1.1 curl=18, HTTP/2 curl=0 frames=HEADERS,DATA,END_STREAM
#   reset: HTTP/1.1 curl=18, HTTP/2 curl=0 frames=HEADERS,DATA,END_STREAM
#   whole: HTTP/1.1 curl=0, HTTP/2 curl=0 frames=HEADERS,DATA,END_STREAM
set -euo pipefail

folder=$(mktemp -d)
started=()
trap '{ kill -9 "${started[@]}" || true; wait || true; rm -rf -- "$folder"; } 2> /dev/null' EXIT
cd -- "$folder"

apt-get install --yes --no-install-recommends --no-upgrade -qq curl libopentracing-c-wrapper0 liblua5.3-0 libpcre2-8-0 \
  libssl3 libsystemd0 python3 > /dev/null 2>&1
apt-get download -qq haproxy=2.6.12-1+deb12u4 > /dev/null 2>&1
dpkg-deb --extract haproxy_*.deb root

cat > upstream.py << 'PY'
import socket, struct, sys, threading, time

def serve(client):
    path = client.recv(65536).split(b" ")[1:2]
    client.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n9\r\ndata: 1\n\n\r\n")
    time.sleep(0.5)
    if path == [b"/whole"]:
        client.sendall(b"0\r\n\r\n")
    if path == [b"/reset"]:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()

server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    threading.Thread(target=serve, args=server.accept()[:1], daemon=True).start()
PY

# The frames of one response over HTTP/2: HEADERS with :method GET, :scheme http, :path and :authority.
cat > frames.py << 'PY'
import socket, sys

def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload

def literal(index, text):
    return bytes([index, len(text)]) + text

client = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10)
fields = b"\x82\x86" + literal(4, sys.argv[2].encode()) + literal(1, b"localhost")
client.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0) + frame(1, 5, 1, fields))
file = client.makefile("rb")
seen = []
while not seen or seen[-1] not in ("END_STREAM", "RST_STREAM"):
    head = file.read(9)
    if len(head) < 9:
        seen.append("closed")
        break
    payload = file.read(int.from_bytes(head[:3], "big"))
    if int.from_bytes(head[5:], "big") == 1:
        kind = {0: "DATA", 1: "HEADERS", 3: "RST_STREAM"}.get(head[3], "other")
        if payload:
            seen.append(kind)
        if kind in ("DATA", "HEADERS") and head[4] & 1:
            seen.append("END_STREAM")
print(",".join(seen))
PY

read -r upstream http1 http2 <<< "$(python3 -c '
import socket
servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*[server.getsockname()[1] for server in servers])')"
cat > haproxy.cfg << CFG
defaults
  mode http
  timeout connect 10s
  timeout client 10s
  timeout server 10s
frontend clients
  bind 127.0.0.1:$http1
  bind 127.0.0.1:$http2 proto h2
  default_backend upstream
backend upstream
  server one 127.0.0.1:$upstream
CFG
python3 upstream.py "$upstream" & started+=($!)
root/usr/sbin/haproxy -db -f haproxy.cfg > haproxy.log 2>&1 & started+=($!)
for port in "$upstream" "$http1" "$http2"; do
  for _ in {1..100}; do
    (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null && break
    sleep 0.1
  done
done

status=0
expect() {  # NAME EXPECTED
  local seen one=0 two=0
  curl -sN -m 20 -o /dev/null "http://127.0.0.1:$http1/$1" || one=$?
  curl -sN -m 20 -o /dev/null --http2-prior-knowledge "http://127.0.0.1:$http2/$1" || two=$?
  seen="HTTP/1.1 curl=$one, HTTP/2 curl=$two frames=$(timeout 20 python3 frames.py "$http2" "/$1")"
  echo "$1: $seen"
  if [[ $2 != "$seen" ]]; then
    echo "$1: expected $2" >&2
    status=1
  fi
}
expect ended 'HTTP/1.1 curl=18, HTTP/2 curl=0 frames=HEADERS,DATA,END_STREAM'
expect reset 'HTTP/1.1 curl=18, HTTP/2 curl=0 frames=HEADERS,DATA,END_STREAM'
expect whole 'HTTP/1.1 curl=0, HTTP/2 curl=0 frames=HEADERS,DATA,END_STREAM'
exit "$status"
