#!/bin/bash
# What the undefined-behaviour sanitizer says of a sound object in a process that has used up its descriptors.
#
# Version:   g++ 12.2.0 and its libubsan (Debian's 12.2.0-14+deb12u1).
# Expected:  a check of an object's type reads memory and nothing else, so it says the same whatever the process has open.
# Behaviour: at the first call through a base class the sanitizer writes the object's table of virtual functions into a
#            pipe, to learn whether that memory can be read. Where no descriptor is left the pipe can't be made, and the
#            sanitizer reports a sound object as none: "does not point to an object of type 'Shape'". With
#            -fno-sanitize-recover that ends the process. A type that was checked before is remembered, and not asked for
#            again. So a test of what a server does without descriptors fails, and only under the sanitizer; and the
#            number of the next descriptor is another one after such a check in another thread.
# Way out:   call every type once before descriptors run out, or leave out that one check (-fno-sanitize=vptr).
# Output seen:
#   not called before: reported, corners: 4
#   called before: not reported, corners: 4
#   without the check: not reported, corners: 4
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd -- "$folder"

apt-get install --yes --no-install-recommends -qq g++-12=12.2.0-14+deb12u1 > /dev/null 2>&1

cat > shapes.cc << 'CC'
#include <fcntl.h>
#include <sys/resource.h>

#include <cstdio>

struct Shape {
  virtual ~Shape() = default;
  virtual int corners() const { return 0; }
};
struct Square : Shape {
  int corners() const override { return 4; }
};

int main(int arguments, char**) {
  Square square;
  Shape* shape = &square;
  asm volatile("" : "+r"(shape));  // the compiler is not to know what it points to
  int corners = arguments > 1 ? shape->corners() : 0;
  const rlimit limit{32, 32};
  setrlimit(RLIMIT_NOFILE, &limit);
  while (open("/dev/null", O_RDONLY) >= 0) {
  }
  corners = shape->corners();
  std::printf("corners: %d\n", corners);
}
CC

status=0
expect() {  # NAME EXPECTED COMMAND…
  local name=$1 expected=$2 seen report='not reported'
  shift 2
  seen=$("$@" 2> said)
  if grep -q "does not point to an object of type 'Shape'" said; then report=reported; fi
  echo "$name: $report, $seen"
  if [[ "$report, $seen" != "$expected" ]]; then
    echo "$name: expected $expected" >&2
    status=1
  fi
}
g++-12 -std=c++20 -O1 -fsanitize=undefined shapes.cc -o checked
g++-12 -std=c++20 -O1 -fsanitize=undefined -fno-sanitize=vptr shapes.cc -o unchecked
expect 'not called before' 'reported, corners: 4' ./checked
expect 'called before' 'not reported, corners: 4' ./checked first
expect 'without the check' 'not reported, corners: 4' ./unchecked
exit "$status"
