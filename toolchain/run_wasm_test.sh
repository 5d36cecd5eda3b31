#!/bin/bash
# Runs a GoogleTest program that was compiled to wasm: run_wasm_test.sh NODE PROGRAM.js [FLAG…]
#
# Environment variables do not reach wasm, so what Bazel says by them becomes flags. And an aborted
# program may leave node with exit code 0, so a run counts only if GoogleTest itself said that tests passed.
set -uo pipefail

node=$1
program=$2
shift 2

flags=()
if [[ -n ${TESTBRIDGE_TEST_ONLY:-} ]]; then
  flags+=("--gtest_filter=$TESTBRIDGE_TEST_ONLY")
fi
if [[ ${TESTBRIDGE_TEST_RUNNER_FAIL_FAST:-} == 1 ]]; then
  flags+=("--gtest_fail_fast")
fi
if [[ -n ${XML_OUTPUT_FILE:-} ]]; then
  flags+=("--gtest_output=xml:$XML_OUTPUT_FILE")
fi

output=$(mktemp "${TEST_TMPDIR:-/tmp}/wasm_test.XXXXXX")
trap 'rm -f -- "$output"' EXIT

"$node" "$program" "${flags[@]}" "$@" | tee -- "$output"
status=${PIPESTATUS[0]}

if ((status != 0)); then
  exit "$status"
fi
if ! grep -Eq '^\[  PASSED  \] [1-9][0-9]* tests?' -- "$output"; then
  echo "run_wasm_test.sh: node exited with 0, but GoogleTest did not say that any test passed." >&2
  exit 1
fi
