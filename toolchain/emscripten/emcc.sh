#!/bin/bash
# Compiles or links with emcc, in the environment that the system's package needs.
#
# A cc_binary has one output and a page has several (.js, .wasm). So a link leaves a tar of them
# at the path that Bazel asked for, and wasm_cc_binary unpacks it.
set -euo pipefail

# ENVIRONMENT: what emscripten.bzl found the tool to need.
readonly emcc='%{tool}'

for argument in "$@"; do
  if [[ $argument == -c ]]; then
    exec "$emcc" "$@"
  fi
done

# Bazel may hand the link line over in a file, one argument a line.
arguments=()
for argument in "$@"; do
  if [[ $argument == @* ]]; then
    mapfile -t from_file < "${argument#@}"
    arguments+=("${from_file[@]}")
  else
    arguments+=("$argument")
  fi
done

output=
for index in "${!arguments[@]}"; do
  if [[ ${arguments[index]} == -o ]]; then
    output=${arguments[index + 1]}
    break
  fi
done
if [[ -z $output ]]; then
  exec "$emcc" "$@"
fi

# The page's files are named after the target, whatever its path.
staging=$output.files
rm -rf -- "$staging"
mkdir -p -- "$staging"
arguments[index + 1]=$staging/$(basename -- "$output").js

"$emcc" "${arguments[@]}"

# The same bytes for the same files, whenever and by whomever they are linked.
mapfile -t files < <(cd -- "$staging" && printf '%s\n' *)
tar --create --file="$output" --directory="$staging" --format=gnu \
  --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=u=rw,go=r \
  -- "${files[@]}"
rm -rf -- "$staging"
