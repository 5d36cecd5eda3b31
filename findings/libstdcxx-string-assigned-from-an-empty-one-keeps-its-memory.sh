#!/bin/bash
# What `text = std::string()` and `list = {}` leave allocated.
#
# Version:   libstdc++ 12.2.0 (Debian's g++ 12.2.0-14+deb12u1) beside libc++ 14.0.6 (Debian's 1:14.0.6-12).
# Expected:  assigning a new, empty object gives the memory of the old one back.
# Behaviour: libstdc++ copies a short string into the buffer that is there, also from a temporary that is moved from:
#            after `= std::string()` a string of 1 MiB still has its 1 MiB, where libc++ gives it back and a vector does
#            in both. `= {}` keeps it in both, for strings and for vectors: it is the assignment from an initializer list.
#            So an object that lives long and was large once (a connection, a channel) stays as large.
# Way out:   std::string().swap(text), or std::exchange(text, {}) with the result dropped.
# Output seen:
#   libstdc++ 12.2.0: string()=1048576 {}=1048576 swap=15 exchange=15 vector()=0 vector{}=1048576
#   libc++ 14.0.6: string()=22 {}=1048591 swap=22 exchange=22 vector()=0 vector{}=1048576
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd -- "$folder"

apt-get install --yes --no-install-recommends -qq g++-12 clang-14 > /dev/null 2>&1
for package in libc++-14-dev libc++1-14 libc++abi-14-dev libc++abi1-14 libunwind-14 libunwind-14-dev; do
  apt-get download -qq "$package=1:14.0.6-12" > /dev/null 2>&1
done
for package in ./*.deb; do dpkg-deb --extract "$package" root; done

cat > capacity.cc << 'CC'
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

int main() {
  const std::string large(1 << 20, 'x');
  std::string assigned(large), braces(large), swapped(large), exchanged(large);
  assigned = std::string();
  braces = {};
  std::string().swap(swapped);
  std::exchange(exchanged, {});
  std::vector<char> list(1 << 20), list_braces(1 << 20);
  list = std::vector<char>();
  list_braces = {};
  std::printf("string()=%zu {}=%zu swap=%zu exchange=%zu vector()=%zu vector{}=%zu\n", assigned.capacity(),
              braces.capacity(), swapped.capacity(), exchanged.capacity(), list.capacity(), list_braces.capacity());
}
CC

g++-12 -std=c++20 -O2 capacity.cc -o with_libstdcxx
libraries=$folder/root/usr/lib/llvm-14
clang++-14 -std=c++20 -O2 -nostdinc++ -isystem "$libraries/include/c++/v1" -nostdlib++ capacity.cc -o with_libcxx \
  -L"$libraries/lib" -Wl,-rpath,"$libraries/lib:$folder/root/usr/lib/x86_64-linux-gnu" -lc++ -lc++abi

status=0
expect() {  # NAME EXPECTED SEEN
  echo "$1: $3"
  if [[ $2 != "$3" ]]; then
    echo "$1: expected $2" >&2
    status=1
  fi
}
expect "libstdc++ $(g++-12 -dumpfullversion)" \
  'string()=1048576 {}=1048576 swap=15 exchange=15 vector()=0 vector{}=1048576' "$(./with_libstdcxx)"
expect 'libc++ 14.0.6' 'string()=22 {}=1048591 swap=22 exchange=22 vector()=0 vector{}=1048576' "$(./with_libcxx)"
exit "$status"
