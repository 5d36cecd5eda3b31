#!/bin/bash
# What a client of nginx learns of an upstream that is killed in the middle of a response.
#
# Version:   nginx 1.22.1 (Debian's 1.22.1-9+deb12u11) with proxy_buffering off, and proxy_http_version at its default,
#            1.0, if not said otherwise.
# Expected:  a response that ends with the upstream's connection cannot be told from one that is cut: nginx passes on
#            either as complete.
# Behaviour: so it is for a process that is killed plainly, for which the kernel sends FIN: the client gets the last
#            chunk. But a reset is kept apart: where the socket had SO_LINGER {1, 0}, for which the kernel sends RST at
#            the kill, nginx closes the client's connection without a last chunk. So HTTP/1.0 can tell a crash from an
#            end.
# Way out:   set SO_LINGER {1, 0} on the socket while the response is under way, and unset it before an end that is
#            meant. Or proxy_http_version 1.1 and a chunked response, with which a plain kill is passed on as a cut.
# Output seen:
#   1.0 ended: last chunk, kept
#   1.0 killed: last chunk, kept
#   1.0 killed, lingering 0 s: no last chunk, closed
#   1.0 ended, lingering 0 s unset before: last chunk, kept
#   1.1 chunked, killed: no last chunk, closed
set -euo pipefail

folder=$(mktemp -d)
started=()
trap '{ kill -9 "${started[@]}" || true; wait || true; rm -rf -- "$folder"; } 2> /dev/null' EXIT
cd -- "$folder"

apt-get install --yes --no-install-recommends --no-upgrade -qq libpcre2-8-0 libssl3 python3 zlib1g > /dev/null 2>&1
apt-get download -qq nginx=1.22.1-9+deb12u11 > /dev/null 2>&1
dpkg-deb --extract nginx_*.deb root

# One response, which ends at SIGTERM. Its listening socket is handed down as standard input.
cat > upstream.py << 'PY'
import signal, socket, struct, sys

def linger(client, on):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", on, 0))

signal.alarm(30)  # Kills it if nothing else has.
is_chunked, is_lingering = "chunked" in sys.argv, "linger" in sys.argv
client = socket.socket(fileno=0).accept()[0]
client.recv(65536)
if is_lingering:
    linger(client, 1)
if is_chunked:
    client.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n")
else:
    client.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ndata: 1\n\n")
signal.sigwait([signal.SIGTERM])
linger(client, 0)
client.close()
PY

cat > run.py << 'PY'
import signal, socket, subprocess, sys

signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])  # For the upstreams, which wait for it.
upstream = socket.create_server(("127.0.0.1", int(sys.argv[1])))

def run(name, path, options, ending):
    process = subprocess.Popen([sys.executable, "upstream.py", *options], stdin=upstream)
    try:
        client = socket.create_connection(("127.0.0.1", int(sys.argv[2])), timeout=2)
        client.sendall(b"GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n" % path)
        text = b""
        while b"data: 1\n\n\r\n" not in text:
            part = client.recv(65536)
            if not part:
                raise SystemExit(f"{name}: {text}")
            text += part
        process.send_signal(ending)
        process.wait()
        state = "closed"
        try:
            while part := client.recv(65536):
                text += part
        except TimeoutError:
            state = "kept"
        is_whole = text.endswith(b"\r\n0\r\n\r\n")
        print(f"{name}: {'last chunk' if is_whole else 'no last chunk'}, {state}")
    finally:
        process.kill()

run("1.0 ended", b"old", [], signal.SIGTERM)
run("1.0 killed", b"old", [], signal.SIGKILL)
run("1.0 killed, lingering 0 s", b"old", ["linger"], signal.SIGKILL)
run("1.0 ended, lingering 0 s unset before", b"old", ["linger"], signal.SIGTERM)
run("1.1 chunked, killed", b"new", ["chunked"], signal.SIGKILL)
PY

read -r upstream port <<< "$(python3 -c '
import socket
servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*[server.getsockname()[1] for server in servers])')"
cat > nginx.conf << CONF
daemon off;
master_process off;
pid nginx.pid;
error_log error.log;
events {}
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {
    listen 127.0.0.1:$port;
    proxy_buffering off;
    location /old { proxy_pass http://127.0.0.1:$upstream; }
    location /new { proxy_pass http://127.0.0.1:$upstream; proxy_http_version 1.1; }
  }
}
CONF
root/usr/sbin/nginx -p "$folder" -e error.log -c nginx.conf & started+=($!)
for _ in {1..100}; do
  (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null && break
  sleep 0.1
done

expected='1.0 ended: last chunk, kept
1.0 killed: last chunk, kept
1.0 killed, lingering 0 s: no last chunk, closed
1.0 ended, lingering 0 s unset before: last chunk, kept
1.1 chunked, killed: no last chunk, closed'
seen=$(timeout -k 1 60 python3 run.py "$upstream" "$port") || true
echo "$seen"
if [[ $expected != "$seen" ]]; then
  printf 'expected\n%s\n' "$expected" >&2
  exit 1
fi
