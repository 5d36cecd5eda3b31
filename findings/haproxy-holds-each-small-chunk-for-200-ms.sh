#!/bin/bash
# How late the small chunks of a response come out of HAProxy, where each is sent alone and with TCP_NODELAY.
#
# Version:   HAProxy 2.6.12 (Debian's 2.6.12-1+deb12u4), clients of HTTP/1.1, 9 events at 0.4 s from each other.
# Expected:  a proxy that does not buffer passes each chunk on as it comes, as it does with a close-delimited body.
# Behaviour: each chunk is held for 200 ms: HAProxy says by MSG_MORE that more is to come until it has seen the last
#            chunk, and 200 ms is how long Linux waits for it. A close-delimited body is not held.
# Way out:   `option http-no-delay` in the proxy's configuration; or a close-delimited body.
# Output seen:
#   chunked: median 209 ms
#   close-delimited: median 0 ms
#   chunked, http-no-delay: median 0 ms
set -euo pipefail

folder=$(mktemp -d)
started=()
trap '{ kill -9 "${started[@]}" || true; wait || true; rm -rf -- "$folder"; } 2> /dev/null' EXIT
cd -- "$folder"

apt-get install --yes --no-install-recommends --no-upgrade -qq libopentracing-c-wrapper0 liblua5.3-0 libpcre2-8-0 \
  libssl3 libsystemd0 python3 > /dev/null 2>&1
apt-get download -qq haproxy=2.6.12-1+deb12u4 > /dev/null 2>&1
dpkg-deb --extract haproxy_*.deb root

cat > run.py << 'PY'
import socket, statistics, sys, threading, time

kEvents = 9

def serve(client):
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    is_chunked = b"/chunked" in client.recv(65536)
    client.sendall(b"HTTP/1.1 200 OK\r\n%s\r\n" %
                   (b"Transfer-Encoding: chunked\r\n" if is_chunked else b"Connection: close\r\n"))
    for _ in range(kEvents):
        time.sleep(0.4)
        event = b"data: %.6f\n\n" % time.monotonic()
        client.sendall(b"%x\r\n%s\r\n" % (len(event), event) if is_chunked else event)
    time.sleep(0.4)
    if is_chunked:
        client.sendall(b"0\r\n\r\n")
    client.close()

def accept(server):
    while True:
        threading.Thread(target=serve, args=server.accept()[:1], daemon=True).start()

def lateness(port, path):
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    client.sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % path)
    late, text = [], b""
    while len(late) < kEvents:
        part = client.recv(65536)
        if not part:
            raise SystemExit("the response ended early")
        *lines, text = (text + part).split(b"\n")
        late += [time.monotonic() - float(line[6:]) for line in lines if line.startswith(b"data: ")]
    return statistics.median(late)

upstream, held, without_delay = map(int, sys.argv[1:])
threading.Thread(target=accept, args=[socket.create_server(("127.0.0.1", upstream))], daemon=True).start()
status = 0
for name, port, path, is_held in [("chunked", held, b"/chunked", True), ("close-delimited", held, b"/close", False),
                                  ("chunked, http-no-delay", without_delay, b"/chunked", False)]:
    late = lateness(port, path) * 1000
    print(f"{name}: median {late:.0f} ms", flush=True)
    if late < 100 if is_held else late > 50:
        print(f"{name}: expected {'over 100' if is_held else 'below 50'} ms", file=sys.stderr)
        status = 1
sys.exit(status)
PY

read -r upstream held without_delay <<< "$(python3 -c '
import socket
servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*[server.getsockname()[1] for server in servers])')"
cat > haproxy.cfg << CFG
defaults
  mode http
  timeout connect 10s
  timeout client 10s
  timeout server 10s
listen held
  bind 127.0.0.1:$held
  server one 127.0.0.1:$upstream
listen without_delay
  bind 127.0.0.1:$without_delay
  option http-no-delay
  server one 127.0.0.1:$upstream
CFG
root/usr/sbin/haproxy -db -f haproxy.cfg > haproxy.log 2>&1 & started+=($!)
for port in "$held" "$without_delay"; do
  for _ in {1..100}; do
    (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null && break
    sleep 0.1
  done
done
timeout -k 1 60 python3 run.py "$upstream" "$held" "$without_delay"
