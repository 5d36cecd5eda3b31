#!/bin/bash
# What Varnish passes on of a chunked response whose upstream closes the connection right behind a whole chunk.
#
# Version:   Varnish 7.1.1 (Debian's 7.1.1-2+deb12u1), its built-in VCL, do_stream at its default.
# Expected:  every chunk that came whole is passed on, then the connection is closed without a last chunk.
# Behaviour: the whole chunk before the cut is lost to many of the clients, here where it comes in one packet with the
#            end (FIN). None is lost when the end comes 1 s later, when the response has its last chunk (of size 0), or
#            with a close-delimited body.
# Way out:   a server that closes a chunked response in the middle waits a moment between its last write and the close.
#            A written event is not a delivered one: it stays there for the client that reconnects.
# Output seen (the first number differs from run to run):
#   cut at once: lost by 41 of 80, 0 saw an end
#   cut 1 s later: lost by 0 of 80, 0 saw an end
#   last chunk at once: lost by 0 of 80, 80 saw an end
#   close-delimited: lost by 0 of 80, 80 saw an end
set -euo pipefail

folder=$(mktemp -d)
started=()
trap '{ kill "${started[@]}" || true; wait || true; rm -rf -- "$folder"; } 2> /dev/null' EXIT
cd -- "$folder"

apt-get install --yes --no-install-recommends --no-upgrade -qq gcc libc6-dev libjemalloc2 libpcre2-8-0 python3 \
  > /dev/null 2>&1
apt-get download -qq varnish=7.1.1-2+deb12u1 > /dev/null 2>&1
dpkg-deb --extract varnish_*.deb root

cat > run.py << 'PY'
import concurrent.futures, socket, sys, threading, time

kResponses = 80

def serve(client):
    path = client.recv(65536).split(b" ")[1]
    is_chunked = path != b"/close"
    client.sendall(b"HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nConnection: close\r\n%s\r\n" %
                   (b"Transfer-Encoding: chunked\r\n" if is_chunked else b""))
    for event, flags in [(b"first", 0), (b"second", 0 if path == b"/later" else socket.MSG_MORE)]:
        time.sleep(0.2)
        client.sendall(b"%x\r\n%s\r\n" % (len(event), event) if is_chunked else event, flags)
    if path == b"/later":
        time.sleep(1)
    if path == b"/whole":
        client.sendall(b"0\r\n\r\n")
    client.close()

def accept(server):
    while True:
        threading.Thread(target=serve, args=server.accept()[:1], daemon=True).start()

def get(path):
    client = socket.create_connection(("127.0.0.1", int(sys.argv[2])), timeout=10)
    client.sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % path)
    text = b""
    while part := client.recv(65536):
        text += part
    if not text.startswith(b"HTTP/1.1 200 "):
        raise ConnectionError(f"not the response: {text}")
    return b"second" not in text, text.endswith(b"\r\n0\r\n\r\n")

server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
threading.Thread(target=accept, args=[server], daemon=True).start()
for attempt in range(100):  # Varnish listens, stops and listens again when it starts.
    try:
        get(b"/whole")
        break
    except OSError:
        time.sleep(0.1)
status = 0
for name, path, is_lost, ends in [("cut at once", b"/now", True, 0), ("cut 1 s later", b"/later", False, 0),
                                  ("last chunk at once", b"/whole", False, kResponses),
                                  ("close-delimited", b"/close", False, kResponses)]:
    for attempt in range(10):  # To lose is left to chance.
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            lost, ended = map(sum, zip(*pool.map(get, [path] * kResponses)))
        if lost or not is_lost:
            break
    print(f"{name}: lost by {lost} of {kResponses}, {ended} saw an end", flush=True)
    if (lost > 0) != is_lost or ended != ends:
        print(f"{name}: expected {'some' if is_lost else 'none'} to lose it and {ends} to see an end", file=sys.stderr)
        status = 1
sys.exit(status)
PY

read -r upstream port <<< "$(python3 -c '
import socket
servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*[server.getsockname()[1] for server in servers])')"
root/usr/sbin/varnishd -F -j none -n "$folder/varnish" -T none -a "127.0.0.1:$port" -b "127.0.0.1:$upstream" \
  > varnish.log 2>&1 & started+=($!)
timeout -k 1 120 python3 run.py "$upstream" "$port"
