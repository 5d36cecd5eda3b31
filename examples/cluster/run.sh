#!/bin/bash
# Three nodes that share a Redis, with nginx in front of them, all on this machine: what is published through nginx comes to
# everybody who follows through it, whichever node each is at. Ctrl+C ends all of it.
#
#   examples/cluster/run.sh [PORT]
#
# nginx listens at PORT, 9009 unless given; the nodes at the three ports behind it, and Redis at the fourth. It needs
# redis-server and nginx (apt-get install --no-install-recommends redis-server nginx-light), and builds the server unless
# TIDINGS_SERVER says where it is. Everything is in a folder of its own, which is removed at the end.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
readonly here port=${1:-9009}
readonly redis_port=$((port + 4))
PATH+=:/usr/sbin

for program in redis-server nginx; do
  command -v "$program" > /dev/null || { echo "$program is missing: apt-get install redis-server nginx-light" >&2; exit 1; }
done
if [[ -z ${TIDINGS_SERVER:-} ]]; then
  (cd -- "$here/../.." && ./bazelw build //server)
  TIDINGS_SERVER=$here/../../bazel-bin/server/server
fi

folder=$(mktemp -d)
chmod go+x "$folder"  # nginx's workers are another user's where it is started as root
started=()
end() {
  kill -TERM "${started[@]}" 2> /dev/null || true
  wait
  rm -rf -- "$folder"
}
trap end EXIT
trap 'exit 0' INT TERM

# Starts a program whose output goes to a file, and waits until something listens at the port.
start() {  # NAME PORT COMMAND…
  local name=$1 at=$2
  shift 2
  if (exec 3<> "/dev/tcp/127.0.0.1/$at") 2> /dev/null; then
    echo "Port $at is taken, which $name was to have: give another one, run.sh PORT." >&2
    exit 1
  fi
  "$@" > "$folder/$name.log" 2>&1 &
  started+=($!)
  until (exec 3<> "/dev/tcp/127.0.0.1/$at") 2> /dev/null; do
    if ! kill -0 "${started[-1]}" 2> /dev/null; then
      echo "$name does not start:" >&2
      cat -- "$folder/$name.log" >&2
      exit 1
    fi
    sleep 0.05
  done
  echo "$name, process ${started[-1]}, at port $at"
}

# What Redis says yes to is on its disk before, so that nobody is told a gap when it has been away.
start redis "$redis_port" redis-server --bind 127.0.0.1 --port "$redis_port" --dir "$folder" --save '' \
  --appendonly yes --appendfsync always

# Who may publish is the same on all nodes.
TIDINGS_PUBLISH_TOKEN=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
export TIDINGS_PUBLISH_TOKEN
for node in 1 2 3; do
  start "node$node" "$((port + node))" "$TIDINGS_SERVER" --port "$((port + node))" \
    --redis "redis://127.0.0.1:$redis_port" --trusted_proxy 127.0.0.1
done

sed -e "s/127.0.0.1:9010/127.0.0.1:$((port + 1))/" -e "s/127.0.0.1:9011/127.0.0.1:$((port + 2))/" \
  -e "s/127.0.0.1:9012/127.0.0.1:$((port + 3))/" -e "s/127.0.0.1:9009/127.0.0.1:$port/" \
  "$here/nginx.conf" > "$folder/nginx.conf"
start nginx "$port" nginx -p "$folder" -c "$folder/nginx.conf" -e "$folder/error.log" -g 'daemon off;'

cat << TEXT
Follow a channel, in one terminal or several:
  curl -N http://localhost:$port/channels/news
Publish to it:
  curl -d hello -H "Authorization: Bearer $TIDINGS_PUBLISH_TOKEN" http://localhost:$port/channels/news
Kill a node, kill -9 and its process, and go on: a browser that was at it comes back to another, and has missed nothing.
The cluster is at http://localhost:$port (Ctrl+C stops it)
TEXT
wait
