#!/bin/bash
# Builds and tests on other Debians, in both lanes: tools/check_lanes.sh [SUITE…], of trixie and testing unless given.
#
# Each gets a root of its own in /var/tmp/tidings-lanes, unless it is there. In it: this tree, and examples/standalone as
# root and as an ordinary user, in the lane of WORKSPACE and, from Bazel 7 on, in that of MODULE.bazel, with a registry made
# of Debian's packages (lanes/registry.sh). Takes an hour a suite on two cores, 6 GB, root, and debootstrap. Ends with what
# ran, a table for docs/BUILDING.md, and with what can't be tried so.
set -uo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." || exit 1
# shellcheck source=/dev/null
source tools/lanes/root.sh

suites=("$@")
if (($# == 0)); then suites=(trixie testing); fi
readonly own='//server //tests:native //tests:wasm'
rows=()
failed=0

say() {
  echo "check_lanes.sh: $*" >&2
}

# Runs a line of shell as USER in the root, and makes a row of what came of it: its tests and the compilers' warnings are
# counted. What it said stays in a file beside the root.
try() {  # SUITE LANE USER WHAT LINE
  local log=$root.${#rows[@]}.log outcome=FAILED
  say "$1, $2, $3: $4"
  if in_root "$3" "$5" > "$log" 2>&1; then
    outcome="$(grep -caE '^//.* PASSED( in|$)' "$log") tests passed, $(grep -caE ': warning: ' "$log") warnings"
  else
    cat -- "$log" >&2
    failed=1
  fi
  rows+=("| $1 | $(version bazel-bootstrap) | $(version emscripten) | $(chroot "$root" g++ -dumpfullversion) | $(version libcpp-httplib-dev) | $2 | $3 | $4 | $outcome |")
}

# COMMAND has to fail with a sentence that has WORDS in it.
refused() {  # WORDS COMMAND…
  local words=$1 said
  shift
  if said=$("$@" 2>&1) || [[ $said != *"$words"* ]]; then
    say "this should have been refused with '$words', but it said: $said"
    failed=1
  fi
}

check_workspace() {  # SUITE
  if [[ -z $(version bazel-bootstrap) ]]; then
    refused "sudo apt-get update && sudo apt-get install" in_root builder "cd /src/builder && ./bazelw build //server"
  fi
  # It installs what is missing.
  try "$1" WORKSPACE root "this tree" "cd /src/root && ./bazelw test --noshow_progress --keep_going $own"
  local config=
  if [[ $(version bazel-bootstrap) == [78].* ]]; then config=--config=workspace; fi
  local as
  for as in root builder; do
    try "$1" WORKSPACE "$as" "examples/standalone" \
      "cd /src/$as/examples/standalone && bazel test --noshow_progress $config //..."
  done
  try "$1" WORKSPACE root "a page weighs the same without -c opt" "cd /src/root/examples/standalone &&
    bazel build $config //:page.wasm && cp -Lf bazel-bin/page.wasm /tmp/page.wasm &&
    bazel build $config -c opt //:page.wasm && cmp /tmp/page.wasm bazel-bin/page.wasm"
  # Every program but emcc, for a server that does not have the repository yet.
  in_root root 'rm -rf /without && mkdir /without && ln -s /usr/bin/* /without && rm /without/emcc'
  refused "emcc is missing: install the package emscripten" in_root root "cd /src/root/examples/standalone &&
    PATH=/without bazel --max_idle_secs=1 --output_user_root=/tmp/without build $config //:page.wasm"
}

check_module() {  # SUITE
  rm -rf -- "$root/registry"
  in_root root "bash /src/root/tools/lanes/registry.sh /registry /src/root" || failed=1
  local as
  for as in root home/builder; do
    echo "common --registry=file:///registry" > "$root/$as/.bazelrc"
  done
  try "$1" MODULE.bazel root "this tree" "cd /src/root && bazel test --noshow_progress --keep_going $own"
  for as in root builder; do
    try "$1" MODULE.bazel "$as" "examples/standalone" \
      "cd /src/$as/examples/standalone && bazel test --noshow_progress //..."
  done
  try "$1" both root "nothing is built again by going back and forth" "cd /src/root &&
    ./bazelw build //server 2>&1 | grep '1 process: 1 internal' && bazel build //server 2>&1 | grep '1 process: 1 internal'"
}

if ((EUID != 0)) || ! command -v debootstrap > /dev/null; then
  say "this makes roots of other Debians, which needs root and the package debootstrap."
  exit 1
fi
for suite in "${suites[@]}"; do
  root=/var/tmp/tidings-lanes/$suite
  make_root "$suite" || {
    say "debootstrap failed, as $root.log says."
    exit 1
  }
  lay_tree root
  lay_tree builder
  check_workspace "$suite"
  if [[ $(version bazel-bootstrap) == [789].* ]]; then
    check_module "$suite"
  fi
  in_root root "cd /src/root && ./bazelw shutdown; bazel shutdown; cd examples/standalone && bazel shutdown"
  in_root builder "cd /src/builder/examples/standalone && bazel shutdown"
done

printf '\n%s\n' "| Debian | Bazel | Emscripten | g++ | cpp-httplib | lane | user | what | outcome |"
printf '%s\n' "| --- | --- | --- | --- | --- | --- | --- | --- | --- |" "${rows[@]}"
echo
echo "Not tried, since it can't be had from Debian: Bazel 8 and 9; the archives of the Bazel Central Registry and its BUILD"
echo "files; emsdk's own Emscripten; Ubuntu."
((failed == 0))
