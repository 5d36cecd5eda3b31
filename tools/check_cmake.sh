#!/bin/bash
# Builds and installs the native library by CMake, into a folder of its own, and a program on it in both ways: by
# find_package() and by pkg-config. The library has the sources that Bazel's public libraries are made of, no more and no
# fewer. Needs cmake and pkg-config.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# At -O3, which CMake's Release is, g++ 12 sees uninitialised variables in sound code.
cmake -S . -B "$work/build" -DCMAKE_INSTALL_PREFIX="$work/installed" -DCMAKE_EXPORT_COMPILE_COMMANDS=ON \
  -DCMAKE_CXX_FLAGS='-Wall -Wextra -Werror -Wno-maybe-uninitialized' > /dev/null

grep -oP "\"file\": \"$PWD/\\K[^\"]+" "$work/build/compile_commands.json" | sort > "$work/ours"
./bazelw query --noshow_progress \
  'kind("source file", deps(attr(visibility, public, kind(cc_library, //protocol/... + //server/...))))' 2> /dev/null |
  grep -E '^//.*[.]cc$' | sed 's|^//||; s|:|/|' | sort > "$work/theirs"
diff "$work/ours" "$work/theirs" || {
  echo "check_cmake.sh: CMakeLists.txt (<) and the BUILD files (>) differ in what the library is made of" >&2
  exit 1
}
echo "$(wc -l < "$work/ours") sources, the same as Bazel's"

cmake --build "$work/build" --parallel "$(nproc)" > "$work/said" 2>&1 || { tail -50 "$work/said"; exit 1; }
cmake --install "$work/build" > /dev/null

mkdir "$work/program"
cat > "$work/program/main.cc" <<'END'
#include <cstdio>

#include "tidings/server/server.h"

int main() {
  tidings::Server server({.port = 0});
  server.get("/", [](const tidings::Request&) { return tidings::Answer{.body = "installed\n"}; });
  server.listen();
  server.stop_on_signals();
  std::printf("%s\n", server.url().c_str());
  std::fflush(stdout);
  server.run();
}
END
cat > "$work/program/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.18)
project(program CXX)
find_package(tidings REQUIRED)
add_executable(by_cmake main.cc)
target_link_libraries(by_cmake tidings::tidings)
END
cmake -S "$work/program" -B "$work/program/build" -DCMAKE_PREFIX_PATH="$work/installed" > /dev/null
cmake --build "$work/program/build" > /dev/null
PKG_CONFIG_PATH=$(dirname -- "$(find "$work/installed" -name tidings.pc)")
export PKG_CONFIG_PATH
# shellcheck disable=SC2046 # Its words are arguments.
g++ -std=c++20 "$work/program/main.cc" $(pkg-config --cflags --libs tidings) -o "$work/program/build/by_pkg_config"

for each in by_cmake by_pkg_config; do
  "$work/program/build/$each" > "$work/$each.url" 2> /dev/null &
  program=$!
  until [[ -s $work/$each.url ]]; do sleep 0.1; kill -0 "$program"; done
  read -r url < "$work/$each.url"
  [[ $(curl -sS --max-time 10 "$url/") == installed ]]
  kill "$program"
  wait "$program"
  echo "a program $each serves, with Tidings $(pkg-config --modversion tidings)"
done
