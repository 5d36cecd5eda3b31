#!/bin/bash
# Fuzzes the code that reads bytes from outside, with libFuzzer under the address and undefined-behaviour sanitizers.
#
#   tools/fuzz.sh all                          each target for a minute
#   tools/fuzz.sh parser 3600                  one target for an hour
#   tools/fuzz.sh parser -runs=10000000        any of libFuzzer's flags instead of the seconds
#   tools/fuzz.sh parser FILE                  one input again, with all that it says
#
# Targets: parser, round_trip, request_reader, router (paths, queries and ids), what proxies say (forwarded and
# proxy_header), token (and keys of tokens), typed (JSON read into structs), and redis (what comes from one, and its
# address), each tests/fuzz/NAME_fuzzer.cc with its seeds in tests/fuzz/corpus/NAME. Inputs that reach new code are kept in
# ~/.cache/tidings/fuzz (or $TIDINGS_FUZZ_DIR), so that the next run goes on from there; so are the inputs of findings. A
# finding's exit code is 1, wrong usage's is 2.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
readonly root
readonly targets=(parser round_trip request_reader router forwarded proxy_header token typed redis)
readonly kept=${TIDINGS_FUZZ_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/tidings/fuzz}

say() {
  echo "fuzz.sh: $*" >&2
}

usage() {
  say "$1; usage: tools/fuzz.sh all|$(IFS='|' && echo "${targets[*]}") [SECONDS | FILE | libFuzzer's flags]"
  exit 2
}

# Prints the clang to use: one that has libFuzzer.
find_clang() {
  local name
  for name in clang++-14 clang++; do
    if command -v "$name" > /dev/null &&
      "$name" --print-file-name="libclang_rt.fuzzer-$(uname -m).a" | grep -q /; then
      echo "$name"
      return
    fi
  done
  return 1
}

install_clang() {
  local packages=(clang-14 libclang-rt-14-dev)
  if ((EUID == 0)); then
    apt-get -qq update > /dev/null || true
  fi
  if ! apt-cache show "${packages[@]}" > /dev/null 2>&1; then
    packages=(clang libclang-rt-dev)  # where clang is another release
  fi
  if ((EUID != 0)) || ! command -v apt-get > /dev/null; then
    say "clang and its libFuzzer are missing, and installing them needs root. Please run:"
    say "apt-get install --no-install-recommends ${packages[*]}"
    exit 1
  fi
  say "installing what fuzzing needs and this system lacks: ${packages[*]}"
  DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "${packages[@]}" > /dev/null
}

# Builds a target to $build/NAME, from its sources without Bazel: libFuzzer is clang's alone.
build_target() {
  local source sources=("tests/fuzz/$1_fuzzer.cc") libraries=()
  if [[ $1 == request_reader || $1 == router || $1 == forwarded ]]; then
    sources+=(server/http/request_reader.cc)
  fi
  if [[ $1 == forwarded ]]; then
    sources+=(server/gateway/{forwarded,peer,trusted_proxies}.cc server/http/answer.cc)
    libraries+=(-DASIO_{STANDALONE,DISABLE_STD_ALIGNED_ALLOC})
  elif [[ $1 == proxy_header ]]; then
    sources+=(server/gateway/{peer,proxy_header}.cc)
    libraries+=(-DASIO_{STANDALONE,DISABLE_STD_ALIGNED_ALLOC})
  fi
  if [[ $1 == router ]]; then
    sources+=(server/access/{authorizer,grant,held_to_rate,own_page,publish_access,rate_limit}.cc
      server/channels/{channel,channel_{cursor,shelf,vector},event_log,hub,publication}.cc
      server/subscribers/channel_routes.cc
      server/http/{admission,answer,cors,known_parameters,path_pattern,received_request,reply,request,router,stream_field}.cc
      server/loop/{bell,loop,timers}.cc)
    # As the packages' libraries were built (toolchain/libraries).
    libraries+=(-DSPDLOG_{COMPILED,SHARED}_LIB -DSPDLOG_FMT_EXTERNAL -DCPPHTTPLIB_{OPENSSL,ZLIB,BROTLI}_SUPPORT
      -lcpp-httplib -lssl -lcrypto -lspdlog -lfmt)
  fi
  if [[ $1 == token ]]; then
    sources+=(server/tokens/{base64url,signature,strict_json,token,token_keys}.cc tests/server/tokens/signer.cc)
    libraries+=(-lcrypto)
  fi
  if [[ $1 == redis ]]; then
    sources+=(server/redis/{in_order,redis_connection,redis_reply,redis_scripts,redis_url,script_replies}.cc)
    libraries+=(-lhiredis)
  fi
  if [[ $1 == typed ]]; then
    sources+=(protocol/typed/*.cc)
  fi
  if [[ $1 != request_reader && $1 != proxy_header && $1 != redis ]]; then
    for source in protocol/*.cc; do
      [[ $source == protocol/decode.cc ]] || sources+=("$source")  # a program of its own
    done
  fi
  "$clang" -std=c++20 -O2 -g1 -fno-omit-frame-pointer -Wall -Wextra -Werror -I"$build/include" -D_GLIBCXX_ASSERTIONS \
    -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined "${sources[@]}" "${libraries[@]}" -o "$build/$1"
}

# Runs a target with libFuzzer's flags.
fuzz() {
  local name=$1 status=0 before finding folder=$kept/$1 corpora=()
  shift
  corpora+=("$folder/corpus" "tests/fuzz/corpus/$name")
  if [[ $name == parser && -d tests/data/event_stream ]]; then
    corpora+=("tests/data/event_stream")
  fi
  mkdir -p -- "$folder/corpus" "$folder/findings"
  before=$(mktemp -p "$build")
  say "$name: fuzzing ($*); its log is $folder/log"
  "$build/$name" -max_len=256 -timeout=10 -rss_limit_mb=1024 "$@" -artifact_prefix="$folder/findings/" \
    "${corpora[@]}" > "$folder/log" 2>&1 || status=$?
  if ((status == 0)); then
    say "$name: $(sed -n 's/^Done \([0-9]*\) runs in \([0-9]*\) second.*/\1 runs in \2 s/p' "$folder/log"), no finding"
    return
  fi
  grep -m 1 -A 20 -E 'broken invariant|ERROR: |runtime error: ' -- "$folder/log" >&2 || tail -n 20 -- "$folder/log" >&2
  finding=$(find "$folder/findings" -type f -newer "$before" | tail -n 1)
  if [[ -z $finding ]]; then
    say "$name: ended with exit code $status and no input; the log above says why"
  else
    say "$name: a finding, kept in $finding"
    say "replay it with: tools/fuzz.sh $name $finding"
    say "once it is understood, it becomes a seed: cp $finding tests/fuzz/corpus/$name/A_NAME"
  fi
  return 1
}

(($# > 0)) || usage "name a target"
chosen=("$1")
shift
if [[ ${chosen[0]} == all ]]; then
  chosen=("${targets[@]}")
elif [[ " ${targets[*]} " != *" ${chosen[0]} "* ]]; then
  usage "there is no target ${chosen[0]}"
fi

flags=() files=()
for argument in "$@"; do
  case $argument in
    -?*) flags+=("$argument") ;;
    *[!0-9]*)
      [[ -f $argument ]] || usage "there is no file $argument"
      files+=("$(realpath -- "$argument")")
      ;;
    ?*) flags+=("-max_total_time=$argument") ;;
    *) usage "an argument is empty" ;;
  esac
done
if [[ " ${flags[*]-}" != *" -max_total_time="* && " ${flags[*]-}" != *" -runs="* ]]; then
  flags+=(-max_total_time=60)
fi

clang=$(find_clang) || { install_clang && clang=$(find_clang); } || { say "clang has no libFuzzer here"; exit 1; }
build=$(mktemp -d)
readonly clang build
trap 'rm -rf -- "$build"' EXIT
mkdir -- "$build/include"
ln -s -- "$root" "$build/include/tidings"
export UBSAN_OPTIONS=print_stacktrace=1 ASAN_OPTIONS=detect_stack_use_after_return=1:quarantine_size_mb=16

# Builds a target and fuzzes it, or tries the files.
run() {
  build_target "$1" || return
  if ((${#files[@]} > 0)); then
    "$build/$1" "${files[@]}"
  else
    fuzz "$1" "${flags[@]}"
  fi
}

# As many at a time as there are cores.
failed=0 running=0
end_one() {
  wait -n || failed=1
  running=$((running - 1))
}
cd -- "$root"
for name in "${chosen[@]}"; do
  ((running < $(nproc))) || end_one
  run "$name" &
  running=$((running + 1))
done
while ((running > 0)); do end_one; done
exit "$failed"
