#!/bin/bash
# How much a deletion writes in Debian's SQLite, and in one built with SQLite's own defaults.
#
# Version:   SQLite 3.40.1 (Debian's 3.40.1-2+deb12u2).
# Expected:  what SQLite's documentation calls the default: PRAGMA secure_delete is off, and a page that a deletion
#            empties is only put on the list of free pages, without being written.
# Behaviour: Debian builds it with SQLITE_SECURE_DELETE: secure_delete is on in every connection, so each emptied page is
#            overwritten with zeros, through the write-ahead log. To delete 9,000 rows of 1,000 bytes takes 9.3 MB of log;
#            with the default of SQLite's own builds, 4.7 MB. Where old rows are deleted to make room on a full disk, that
#            is the room which isn't there.
# Way out:   PRAGMA secure_delete = OFF (or FAST) in each connection that deletes, where nobody relies on the zeros; and
#            delete in small steps.
# Output seen:
#   as Debian builds it: secure_delete=1, 9311232 bytes of log
#   secure_delete off: secure_delete=0, 4672112 bytes of log
#   secure_delete fast: secure_delete=2, 4672112 bytes of log
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd -- "$folder"

apt-get install --yes --no-install-recommends --no-upgrade -qq libreadline8 > /dev/null 2>&1
apt-get download -qq sqlite3=3.40.1-2+deb12u2 libsqlite3-0=3.40.1-2+deb12u2 > /dev/null 2>&1
for package in ./*.deb; do dpkg-deb --extract "$package" root; done
libraries=$(dirname -- "$(find "$folder/root" -name libsqlite3.so.0)")

status=0
expect() {  # NAME SECURE_DELETE BYTES FIRST_STATEMENT
  local seen
  rm -f -- rows.db*
  seen=$(LD_LIBRARY_PATH=$libraries root/usr/bin/sqlite3 -batch -noheader rows.db << SQL
.output setup
$4
.output
SELECT 'secure_delete=' || secure_delete FROM pragma_secure_delete;
.output setup
PRAGMA journal_mode = WAL;
PRAGMA wal_autocheckpoint = 0;
CREATE TABLE rows(id INTEGER PRIMARY KEY, bytes BLOB);
WITH RECURSIVE number(n) AS (VALUES(1) UNION ALL SELECT n + 1 FROM number WHERE n < 10000)
INSERT INTO rows SELECT n, zeroblob(1000) FROM number;
PRAGMA wal_checkpoint(TRUNCATE);
DELETE FROM rows WHERE id <= 9000;
.output
.shell stat --format '%s bytes of log' rows.db-wal
SQL
  )
  seen=${seen//$'\n'/, }
  echo "$1: $seen"
  if [[ $seen != "secure_delete=$2, $3 bytes of log" ]]; then
    echo "$1: expected secure_delete=$2, $3 bytes of log" >&2
    status=1
  fi
}
expect 'as Debian builds it' 1 9311232 ''
expect 'secure_delete off' 0 4672112 'PRAGMA secure_delete = OFF;'
expect 'secure_delete fast' 2 4672112 'PRAGMA secure_delete = FAST;'
exit "$status"
