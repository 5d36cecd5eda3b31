#!/bin/bash
# What a blocking recv() does in a thread that has just closed an io_uring of its own.
#
# Version:   liburing 2.3 (Debian's 2.3-3), on Linux 6.18.
# Expected:  EINTR tells of a signal that had a handler; a program that handles none never sees it.
# Behaviour: the kernel takes a closed ring apart later, and for that interrupts the thread that had made it, as a signal
#            would, without one. A recv() that has a limit by SO_RCVTIMEO then ends with EINTR, long before its limit; one
#            without a limit is begun again by the kernel, and nobody notices. strace shows the EINTR and no signal.
# Way out:   a call with a limit is made again at EINTR in every program, also in one that handles no signal; a library
#            that uses io_uring makes and closes its rings on threads of its own.
# Output seen:
#   liburing 2.3: recv() with a limit after a ring was closed: EINTR
#   liburing 2.3: recv() with a limit without a ring: EAGAIN
#   liburing 2.3: recv() without a limit after a ring was closed: the byte
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd -- "$folder"

apt-get install --yes --no-install-recommends -qq gcc-12 > /dev/null 2>&1
for package in liburing-dev=2.3-3 liburing2=2.3-3; do
  apt-get download -qq "$package" > /dev/null 2>&1
done
for package in ./*.deb; do dpkg-deb --extract "$package" root; done

cat > interrupted.c << 'C'
#include <errno.h>
#include <liburing.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int pair[2];

static void* send_later(void* unused) {
  usleep(1000000);
  return send(pair[1], "x", 1, 0) == 1 ? unused : NULL;
}

int main(int count, char** arguments) {
  const int has_ring = strchr(arguments[count - 1], 'r') != NULL, has_limit = strchr(arguments[count - 1], 'l') != NULL;
  struct timeval limit = {2, 0};
  pthread_t sender;
  char byte;
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  if (has_limit) setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (has_ring) {
    struct io_uring ring;
    if (io_uring_queue_init(8, &ring, 0) != 0) return 1;
    io_uring_queue_exit(&ring);
  }
  if (!has_limit) pthread_create(&sender, NULL, send_later, NULL);
  if (recv(pair[0], &byte, 1, 0) == 1) {
    puts("the byte");
  } else {
    puts(errno == EINTR ? "EINTR" : errno == EAGAIN ? "EAGAIN" : strerror(errno));
  }
  if (!has_limit) pthread_join(sender, NULL);
  return 0;
}
C
libraries=root/usr/lib/x86_64-linux-gnu
gcc-12 -O2 -isystem root/usr/include interrupted.c -o interrupted -L"$libraries" -luring

status=0
expect() {  # NAME EXPECTED WORDS
  local seen
  seen=$(LD_LIBRARY_PATH=$libraries ./interrupted "$3")
  echo "liburing 2.3: $1: $seen"
  if [[ $2 != "$seen" ]]; then
    echo "$1: expected $2" >&2
    status=1
  fi
}
expect 'recv() with a limit after a ring was closed' EINTR rl
expect 'recv() with a limit without a ring' EAGAIN l
expect 'recv() without a limit after a ring was closed' 'the byte' r
exit "$status"
