#!/bin/bash
# Redis as it keeps a stream most surely, or syncs it once a second. `redis.sh FOLDER always|everysec`: keeps everything
# in FOLDER, prints where it listens and becomes redis-server.
set -euo pipefail

readonly folder=$1 fsync=$2
port=$("${BASH_SOURCE%/*}/free_port.sh")
echo "redis is at http://localhost:$port"  # as the others say it, although it speaks no HTTP
exec redis-server --bind "${TIDINGS_BENCH_HOST:-127.0.0.1}" --protected-mode no --port "$port" --dir "$folder" --logfile "$folder/redis.log" \
  --save '' --appendonly yes --appendfsync "$fsync"
