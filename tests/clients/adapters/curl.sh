#!/bin/bash
# curl, which does not come back by itself: in a loop that does, with the id of the last whole event. What it tells is a
# line of JSON each.
set -euo pipefail

id=
block_data='' block_type='' block_id=''
while true; do
  while IFS= read -r line; do
    case $line in
      '')
        if [[ -n $block_id ]]; then id=$block_id; fi
        if [[ -n $block_data && -z $block_type ]]; then printf '{"event":"%s"}\n' "$block_data"; fi
        block_data='' block_type='' block_id=''
        ;;
      'data: '*) block_data=${line#data: } ;;
      'event: '*) block_type=${line#event: } ;;
      'id: '*) block_id=${line#id: } ;;
    esac
  done < <(curl --silent --no-buffer --header "Last-Event-ID: $id" "$1")
  block_data='' block_type='' block_id=''
  sleep 0.5
done
