#!/bin/bash
# The exit status of zopfli where it has written nothing.
#
# Version:   zopfli 1.0.3 (Debian's 1.0.3-1).
# Expected:  as gzip, whose place it takes in builds: a status that is not 0 for an input that can't be read, and for an
#            output that can't be written.
# Behaviour: 0 for both. An input that is not there is named on stderr, in the words of a wrong name; a full disk is not
#            mentioned at all, and the file that should hold the output is there, empty. So a build that trusts the status
#            serves an empty file, or goes on with an earlier one.
# Way out:   what it has written is decompressed and compared, or at the least looked at for being there.
# Output seen:
#   gzip 1.12: no such input: 1
#   gzip 1.12: a full disk: 1
#   zopfli 1.0.3: no such input: 0
#   zopfli 1.0.3: a full disk: 0
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd -- "$folder"

for package in gzip=1.12-1 zopfli=1.0.3-1; do
  apt-get download -qq "$package" > /dev/null 2>&1
done
for package in ./*.deb; do dpkg-deb --extract "$package" root; done

echo 'something to say' > input
status=0
expect() {  # NAME EXPECTED PROGRAM INPUT OUTPUT
  local seen=0
  "root/$3" -c "$4" > "$5" 2> messages || seen=$?
  echo "$1: $seen"
  if [[ $2 != "$seen" ]]; then
    echo "$1: expected $2" >&2
    status=1
  fi
}
expect 'gzip 1.12: no such input' 1 bin/gzip missing output
expect 'gzip 1.12: a full disk' 1 bin/gzip input /dev/full
expect 'zopfli 1.0.3: no such input' 0 usr/bin/zopfli missing output
expect 'zopfli 1.0.3: a full disk' 0 usr/bin/zopfli input /dev/full
exit "$status"
