#!/bin/bash
# Whether Redis has handed an entry to the kernel when it says that it has it, with an append-only file.
#
# Version:   Redis 7.0.15 (Debian's 5:7.0.15-1~deb12u10), appendonly yes.
# Expected:  the file is written before each answer, whatever appendfsync says, so that kill -9 alone loses nothing, and
#            `everysec` loses a second where the machine loses its power.
# Behaviour: with `always` it is so. With `everysec` it is not while an fsync of the second before runs in the background:
#            then the write waits for its end, for up to two seconds, and the answer does not. What kill -9 finds in that
#            state is lost, although it was acknowledged. How long that is each second is a matter of the disk: here its
#            fsync takes three seconds, by a library that is loaded before.
# Way out:   appendfsync always where nothing may be lost; or WAIT for a replica. Else whoever is told ids must see that
#            they went back (the stream's last id is lower than one that was given out), and say so.
# Output seen:
#   always, fsync at once: there
#   everysec, no fsync running: there
#   everysec, an fsync running: LOST
set -euo pipefail

folder=$(mktemp -d)
started=()
trap '{ kill -9 "${started[@]}" || true; wait || true; rm -rf -- "$folder"; } 2> /dev/null' EXIT
cd -- "$folder"

apt-get install --yes --no-install-recommends --no-upgrade -qq gcc libc6-dev libatomic1 libjemalloc2 \
  liblzf1 libssl3 libsystemd0 > /dev/null 2>&1
apt-get download -qq redis-server redis-tools > /dev/null 2>&1
for package in redis-*.deb; do dpkg-deb --extract "$package" root; done

cat > slow.c << 'C'
#include <sys/syscall.h>
#include <unistd.h>
int fdatasync(int file) {
  sleep(3);
  return (int)syscall(SYS_fdatasync, file);
}
C
gcc -shared -fPIC -o slow.so slow.c

ask() {
  root/usr/bin/redis-cli -s "$folder/redis.sock" "$@"
}

start() {  # FSYNC LIBRARY
  LD_PRELOAD=$2 root/usr/bin/redis-server --port 0 --unixsocket "$folder/redis.sock" --save '' --appendonly yes \
    --appendfsync "$1" --dir "$folder/data" --logfile redis.log > /dev/null 2>&1 &
  started+=($!)
  for _ in {1..200}; do
    [[ $(ask PING 2> /dev/null) == PONG ]] && return
    sleep 0.05
  done
  return 1
}

stop() {
  kill -9 "${started[-1]}"
  wait "${started[-1]}" 2> /dev/null || true
}

is_running() {
  ask INFO persistence | grep -q '^aof_pending_bio_fsync:1'
}

try() {  # NAME FSYNC LIBRARY WAITS
  rm -rf data
  mkdir data
  start "$2" "$3"
  ask XADD events '*' d first > /dev/null
  if [[ $4 == waits ]]; then
    for _ in {1..200}; do
      is_running && break
      sleep 0.02
    done
    is_running
  fi
  ask XADD events '*' d second > /dev/null  # it has answered with an id
  stop
  start "$2" ''
  if (($(ask XLEN events) == 2)); then echo "$1: there"; else echo "$1: LOST"; fi
  stop
}

expected='always, fsync at once: there
everysec, no fsync running: there
everysec, an fsync running: LOST'
{
  try 'always, fsync at once' always '' ''
  try 'everysec, no fsync running' everysec '' ''
  try 'everysec, an fsync running' everysec "$folder/slow.so" waits
} > seen
seen=$(< seen)
echo "$seen"
if [[ $expected != "$seen" ]]; then
  printf 'expected\n%s\n' "$expected" >&2
  exit 1
fi
