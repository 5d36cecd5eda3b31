#!/bin/bash
# Redis as it keeps a stream most surely, or syncs it once a second. `redis.sh FOLDER always|everysec [--port PORT]`: keeps
# everything in FOLDER, prints where it listens and becomes redis-server. Without a port, or with 0, it takes a free one.
set -euo pipefail

readonly folder=$1 fsync=$2
command -v redis-server > /dev/null || { echo "redis-server is missing: apt-get install redis-server" >&2; exit 1; }
port=${4:-0}
((port > 0)) || port=$("${BASH_SOURCE%/*}/free_port.sh")
echo "redis is at http://localhost:$port"  # as the others say it, although it speaks no HTTP
exec redis-server --bind "${TIDINGS_BENCH_HOST:-127.0.0.1}" --protected-mode no --port "$port" --dir "$folder" --logfile "$folder/redis.log" \
  --save '' --appendonly yes --appendfsync "$fsync" --repl-diskless-sync-delay 0
