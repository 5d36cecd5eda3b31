#!/bin/bash
# Everything that has to hold before a change is submitted: format and lint, the rules that no compiler knows, the build
# and its tests, the native tests again under the address, undefined-behaviour and thread sanitizers, and a minute of
# fuzzing. With --all also what downloads other people's servers: nginx, Caddy, Prometheus. Goes on after a failure, ends
# with what failed and with a count of checks and tests.
set -uo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." || exit 1

results=$(mktemp)  # a line for each check and test: passed or failed, and its name
readonly results
trap 'rm -f -- "$results"' EXIT

note() {  # NAME STATUS
  if (($2 == 0)); then
    echo "passed: $1" >> "$results"
  else
    echo "failed: $1" >> "$results"
    echo "check.sh: FAILED: $1" >&2
  fi
}

sources() {
  git ls-files --cached --others --exclude-standard -- "$@"
}

# Lines that no file may hold: NAME REASON PATTERN PATHS… (a path may be an exclusion, ':!path').
forbid() {
  local name=$1 reason=$2 pattern=$3 hits
  shift 3
  hits=$(sources "$@" | xargs --no-run-if-empty -d '\n' grep -nE -- "$pattern" /dev/null)
  if [[ -n $hits ]]; then
    printf '%s\n' "$hits" "check.sh: $reason" >&2
    note "$name" 1
  else
    note "$name" 0
  fi
}

# Says in one sentence which of the tools below are missing, and stops: an hour of tests would not make up for them.
require_tools() {
  local missing=()
  command -v clang-format-14 || command -v clang-format || missing+=(clang-format-14)
  command -v shellcheck || missing+=(shellcheck)
  command -v npm || missing+=(npm)
  # As root tools/fuzz.sh installs its own.
  ((EUID == 0)) || command -v clang++-14 || command -v clang++ || missing+=(clang-14 libclang-rt-14-dev)
  if ((${#missing[@]} > 0)); then
    echo "check.sh: the checks need what is missing here; please run: sudo apt-get install ${missing[*]}" >&2
    exit 1
  fi
} > /dev/null

check_format() {
  local formatter
  formatter=$(command -v clang-format-14 || command -v clang-format)
  sources '*.cc' '*.h' | xargs -d '\n' "$formatter" --dry-run --Werror
}

check_scripts() {
  sources '*.sh' bazelw .ci/run | xargs -d '\n' shellcheck
}

# By the buildifier of tools/package.json, installed at the first check. Left out are warnings that nothing can be done
# about here: native-cc-common and native-cc-info ask for loads from files that Debian's rules_cc does not have yet.
check_build_files() {
  local installed=tools/node_modules/.package-lock.json
  if [[ ! -e $installed || tools/package-lock.json -nt $installed ]]; then
    npm ci --prefix tools --no-audit --no-fund --ignore-scripts --loglevel=error > /dev/null || return
  fi
  sources '*BUILD' '*.bzl' '*.bazel' '*WORKSPACE' |
    xargs -d '\n' tools/node_modules/.bin/buildifier -mode=check -lint=warn -warnings=-native-cc-common,-native-cc-info
}

# Every example in README.md, docs/ and a header that says where it is quoted from is quoted exactly.
check_quotes() {
  local status=0 page file quoted
  while IFS=: read -r page file; do
    quoted=$(sed -n "\\|^<!-- from ${file//./\\.} -->\$|,/^\`\`\`\$/p" "$page" | sed '1,2d;$d')
    if [[ -z $quoted || $(< "$file") != *"$quoted"* ]]; then
      echo "check.sh: $page does not quote $file as it is" >&2
      status=1
    fi
  done < <(grep -oP '^<!-- from \K.*(?= -->$)' README.md docs/*.md)
  while IFS=: read -r page file; do
    quoted=$(sed -n "\\|^// from ${file//./\\.}:\$|,\\|^//\$|p" "$page" | sed '1d;$d;s|^//   ||')
    if [[ -z $quoted || $(< "$file") != *"$quoted"* ]]; then
      echo "check.sh: $page does not quote $file as it is" >&2
      status=1
    fi
  done < <(sources '*.h' | xargs -d '\n' grep -HoP '^// from \K[^ ]+(?=:$)')
  return "$status"
}

# Every file that a page of ours links to, or names by its path, is there. CHANGELOG.md may name what is gone.
check_links() {
  local status=0 page path
  while IFS=: read -r page path; do
    if [[ ! -e $(dirname -- "$page")/$path && ! -e $path ]]; then
      echo "check.sh: $page names $path, which is not there" >&2
      status=1
    fi
  done < <(sources '*.md' ':!CHANGELOG.md' | xargs -d '\n' \
    grep -HoP '\]\(\K[^)#: ]+(?=[)#])|\x60\K(bench|client_wasm|docs|examples|protocol|server|tests|toolchain|tools|web)/[\w./-]*(?=\x60)')
  return "$status"
}

# The rooms, the lowest first, and into which others each of them may look: a line is `room: others`. What looks anywhere
# else, or is in no room of the house, fails. web/ joins the program of client_wasm/page to the page.
readonly rooms='
protocol:
protocol/typed: protocol
web: client_wasm/page
server/loop:
server/http: protocol server/loop web
server/access: protocol server/http server/loop
server/tokens: protocol server/access server/http server/loop
server/disk:
server/history: protocol server/disk server/loop
server/redis: server/history server/loop
server/streams: protocol server/http server/loop
server/channels: protocol protocol/typed server/history server/http server/loop
server/subscribers: protocol server/access server/channels server/history server/http server/loop server/streams
server/awaiting: protocol server/http server/loop server/streams
server/testing: protocol server/loop server/streams
server/clock: server/http server/loop server/streams
server/history_tool: protocol server/channels server/clock server/disk server/history server/loop
server/gateway: server/http server/loop server/streams
server: protocol server/access server/channels server/clock server/disk server/gateway server/history server/http server/loop server/redis server/streams server/subscribers server/tokens web
client_wasm/base:
client_wasm/memory:
client_wasm/dom: client_wasm/base
client_wasm/event_source: client_wasm/base protocol protocol/typed
client_wasm/fetch: client_wasm/base client_wasm/event_source protocol
client_wasm/module: client_wasm/base client_wasm/fetch
client_wasm/share: client_wasm/base client_wasm/event_source
client_wasm/worker: client_wasm/base client_wasm/event_source
client_wasm/page: client_wasm/base client_wasm/dom client_wasm/event_source client_wasm/fetch client_wasm/share
bench/load: protocol server/history
bench/meters:
bench/rivals: bench/load protocol server server/awaiting server/channels server/clock server/subscribers
bench/scenarios: bench/load bench/meters bench/rivals server/history
bench/kills: bench/load bench/rivals protocol
'

# By what a room includes, and by what its BUILD file depends on. And people find each in CONTRIBUTING.md.
check_rooms() {
  local status=0 file folder others seen
  while read -r folder; do
    if ! grep -qF "| \`$folder/\` |" CONTRIBUTING.md; then
      echo "check.sh: CONTRIBUTING.md does not say what goes into $folder/" >&2
      status=1
    fi
  done < <(grep -oP '^[^:]+' <<< "$rooms")
  while read -r file; do
    folder=$(dirname -- "$file")
    if ! others=$(grep -oP "^$folder:\K.*" <<< "$rooms"); then
      echo "check.sh: $file is in no room that tools/check.sh knows: say into which others $folder/ may look" >&2
      status=1
      continue
    fi
    while read -r seen; do
      if [[ $seen != "$folder" && " $others " != *" $seen "* ]]; then
        echo "check.sh: $file looks into $seen/, which $folder/ may not" >&2
        status=1
      fi
    done < <(grep -oP '^#include "tidings/\K.*(?=/)|^ +"//\K(server|client_wasm|protocol|web|bench)[a-z_/]*(?=[":](?!__))' -- "$file" | sort -u)
  done < <(sources 'protocol/*' 'web/*' 'server/*' 'client_wasm/*/*' bench/{load,meters,rivals,scenarios,kills}/'*' | grep -E '(\.cc|\.h|/BUILD)$')
  return "$status"
}

# What a tree of one's own uses of ours is there for it: labels, macros, what is public; and a page is the same there, byte
# for byte, though nobody says -c opt. tools/check_lanes.sh builds the rest of it too.
check_standalone() {
  local page=examples/page file
  (cd examples/standalone && bazel build --nobuild --noshow_progress //... &&
    bazel build --noshow_progress @tidings//$page:newest.{js,wasm}) || return
  ./bazelw build --noshow_progress //$page:newest.{js,wasm} || return
  for file in newest.js newest.wasm; do
    cmp "bazel-bin/$page/$file" "examples/standalone/bazel-bin/external/tidings/$page/$file" || return
  done
}

# Bazel for the sanitizers: a server of its own, which gives way to whatever else runs, as does all that it starts.
sanitizing() {
  nice -n 19 ./bazelw --output_base="${XDG_CACHE_HOME:-$HOME/.cache}/tidings/sanitizers-$(cksum <<< "$PWD" | cut -d ' ' -f 1)" \
    "$1" --symlink_prefix=/ "${@:2}"
}

# Has the command, which is a Bazel, run tests with these further arguments, and counts them.
bazel_test() {
  local name=$1 bazel=$2 log status
  shift 2
  log=$(mktemp)
  "$bazel" test --noshow_progress --color=no "$@" 2>&1 | tee -- "$log"
  status=${PIPESTATUS[0]}
  sed -nE "s|^(//[^ ]+) .*PASSED( in.*)?$|passed: $name: \1|p; t; s|^//.*|failed: $name: &|p" -- "$log" >> "$results"
  rm -f -- "$log"
  note "$name" "$status"
}

# The sanitized tests that have more than one thread, since they have in them a file that starts some: to the others the
# thread sanitizer has nothing to say.
threaded_tests() {
  local files
  files=$(sources '*.cc' '*.h' | xargs -d '\n' grep -lE 'std::(jthread|thread|async)\b' | grep -E '^(server|tests/(examples|server))/')
  ./bazelw query --noshow_progress "kind(cc_test, tests(//tests:sanitized)) intersect rdeps(//tests/..., set($files))"
}

# The tests, and what is tried with the real servers of other people.
run_tests() {
  bazel_test "tests" ./bazelw //...
  if [[ ${1-} == --all ]]; then
    ./bazelw run //tests/proxies -- nginx caddy
    note "nginx and Caddy" $?
    ./bazelw run //tests/prometheus
    note "Prometheus" $?
    ./bazelw run //tests/examples:cluster
    note "a cluster" $?
  fi
  check_standalone
  note "a tree of one's own" $?
  tools/compile_commands.mjs
  note "compile_commands.json" $?
}

require_tools

check_format
note "format" $?
check_scripts
note "shellcheck" $?
check_build_files
note "buildifier" $?

check_rooms
note "rooms" $?
forbid "include prefix" "ours begin with tidings/, so that they are no other tree's: tidings_library gives it to them" \
  '^#include "([^t]|t[^i])' '*.cc' '*.h' ':!examples/testing/*'
forbid "layers: protocol" "protocol/ depends on the standard library alone, but for its program" \
  '#include <(asio|httplib|nlohmann|spdlog|CLI|emscripten)' 'protocol/*' ':!protocol/decode.cc'
forbid "layers: server" "the server knows nothing of the browser's side" 'emscripten' 'server/*'
forbid "layers: httplib" "httplib.h is included in server/http/router.cc alone, in tests of its hooks and as a client, and in the rival made of it" \
  '#include [<"]httplib\.h' '*.cc' '*.h' ':!server/http/router.cc' ':!tests/server/http/http_routes_test.cc' \
  ':!tests/server/later_answers_test.cc' ':!examples/testing/*' \
  ':!bench/rivals/thread_per_stream.cc'
forbid "layers: libcrypto" "libcrypto is called in server/tokens/signature.cc alone, and by a test that signs" \
  '#include [<"]openssl/' '*.cc' '*.h' ':!server/tokens/signature.cc' ':!tests/server/tokens/signer.cc'
forbid "layers: hiredis" "hiredis is called in server/redis/redis_connection.cc and redis_reply.cc alone, and by the tests' server" \
  '#include [<"]hiredis/' '*.cc' '*.h' ':!server/redis/redis_connection.cc' ':!server/redis/redis_reply.cc' \
  ':!tests/server/redis/redis_server.cc'
forbid "layers: asio" "Asio stays below the server's public headers" \
  'asio' server/{server,server_options}.h \
  server/{http/{answer,handler,request},loop/{clock,loop,timers},streams/{endpoint,event_stream},channels/{channel,hub,subscription}}.h
forbid "layers: streams" "what prints to the user is main's, and a page should not carry iostreams" \
  '#include <iostream>' '*.cc' '*.h'

forbid "coroutines: aggregates" "g++ 12 frees the members of an aggregate in co_yield twice: give it a constructor" \
  'co_(yield|await) *(\{|[A-Za-z_:]*\{)' '*.cc' '*.h'
forbid "coroutines: conditions" "g++ 12 frees a conditional's temporary in co_yield badly: name it first" \
  'co_(yield|await) [^;]*\?[^;]*:[^:]' '*.cc' '*.h' ':!server/streams/event_stream.h'
forbid "coroutines: captures" "captures in a co_await expression are destroyed twice by g++ 12: use a named function" \
  'co_(yield|await)[^;]*\[[^]]*\] *[({]' '*.cc' '*.h' ':!tests/mistakes/*'

forbid "bazel rules" "native cc_*, sh_test and py_binary are gone in Bazel 9: load rules_cc, or write a rule" \
  'native\.cc_|(^|[^_a-z])sh_test\(|py_binary\(' 'BUILD' '*/BUILD' '*.bzl'
forbid "markup" "text from a server must never become markup" \
  'innerHTML|outerHTML|insertAdjacentHTML|document\.write' 'client_wasm/*' 'web/*'

check_quotes
note "README's quotes" $?
check_links
note "links" $?

# Installs what tests need, so that two Bazels don't at the same time.
bazel_test "bazelw" ./bazelw //tests:bazelw_test
./bazelw build --noshow_progress //...
note "build" $?
mapfile -t threaded < <(threaded_tests)

# The tests take twenty minutes and mostly wait, a browser's alone, since they measure time. What keeps a processor busy is
# done beside them, and gives way.
run_tests "$@" > >(sed -u 's/^/| /') 2>&1 &
bazel_test "tests under asan and ubsan" sanitizing --config=asan //tests:sanitized
bazel_test "tests with threads under tsan" sanitizing --config=tsan "${threaded[@]}"
nice -n 19 tools/fuzz.sh all 15
note "a minute of fuzzing" $?
wait

echo
grep '^failed: ' -- "$results"
echo "$(grep -c '^passed: ' -- "$results") passed, $(grep -c '^failed: ' -- "$results") failed"
! grep -q '^failed: ' -- "$results"
