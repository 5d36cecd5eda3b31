#!/bin/bash
# Whether a Redis ends that is told to by SIGTERM while it writes an append-only file.
#
# Version:   Redis 7.0.15 (Debian's 5:7.0.15-1~deb12u10).
# Expected:  SIGTERM ends it, sooner or later: it finishes what it writes, or drops it, and exits.
# Behaviour: so it is where it writes a file anew (BGREWRITEAOF). But where it writes its first one, after `CONFIG SET
#            appendonly yes` or as a replica that has just got all of its master's data, the signal is forgotten: it logs
#            "Writing initial AOF, can't exit.", and serves on, also when the file is written. Whoever waits for the process
#            waits for ever. The delay of each key is only to have the time to send a signal.
# Way out:   send it again until the process has gone, or look at aof_rewrite_in_progress of INFO first.
# Output seen:
#   SIGTERM while it writes a file anew: ended
#   SIGTERM while it writes its first one: serves on when that is written
#   another SIGTERM then: ended
set -euo pipefail

folder=$(mktemp -d)
started=()
trap '{ kill -9 "${started[@]}" || true; wait || true; rm -rf -- "$folder"; } 2> /dev/null' EXIT
cd -- "$folder"

apt-get install --yes --no-install-recommends --no-upgrade -qq libatomic1 libjemalloc2 liblzf1 libssl3 libsystemd0 \
  > /dev/null 2>&1
apt-get download -qq redis-server redis-tools > /dev/null 2>&1
for package in redis-*.deb; do dpkg-deb --extract "$package" root; done

ask() {
  root/usr/bin/redis-cli -s "$folder/redis.sock" "$@"
}

# With 100 keys, each of which takes 20 ms to be written.
start() {  # APPENDONLY
  rm -rf data
  mkdir data
  root/usr/bin/redis-server --port 0 --unixsocket "$folder/redis.sock" --save '' --appendonly "$1" --dir "$folder/data" \
    --logfile redis.log > /dev/null 2>&1 &
  started+=($!)
  for _ in {1..200}; do
    [[ $(ask PING 2> /dev/null) == PONG ]] && break
    sleep 0.05
  done
  ask EVAL "for i = 1, 100 do redis.call('SET', i, i) end" 0 > /dev/null
  ask CONFIG SET rdb-key-save-delay 20000 > /dev/null
}

is_writing() {
  ask INFO persistence 2> /dev/null | grep -q '^aof_rewrite_in_progress:1'
}

await() {  # COMMAND...
  for _ in {1..200}; do
    "$@" && return
    sleep 0.05
  done
  echo "waited in vain: $*" >&2
  return 1
}

is_written() {
  ! is_writing
}

has_ended() {
  ! kill -0 "${started[-1]}" 2> /dev/null
}

expected='SIGTERM while it writes a file anew: ended
SIGTERM while it writes its first one: serves on when that is written
another SIGTERM then: ended'
{
  start yes
  ask BGREWRITEAOF > /dev/null
  await is_writing
  kill -TERM "${started[-1]}"
  await has_ended
  echo 'SIGTERM while it writes a file anew: ended'

  start no
  ask CONFIG SET appendonly yes > /dev/null
  await is_writing
  kill -TERM "${started[-1]}"
  await is_written
  [[ $(ask PING 2> /dev/null) == PONG ]] && echo 'SIGTERM while it writes its first one: serves on when that is written'
  kill -TERM "${started[-1]}"
  await has_ended
  echo 'another SIGTERM then: ended'
} > seen
seen=$(< seen)
echo "$seen"
if [[ $expected != "$seen" ]]; then
  printf 'expected\n%s\n' "$expected" >&2
  exit 1
fi
