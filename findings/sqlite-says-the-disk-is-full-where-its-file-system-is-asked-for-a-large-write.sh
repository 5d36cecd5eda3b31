#!/bin/bash
# What a write of more than 128 KiB through SQLite's own file system (sqlite3_vfs, sqlite3_io_methods::xWrite) does.
#
# Version:   SQLite 3.40.1 (Debian's 3.40.1-2+deb12u2), the default VFS, "unix".
# Expected:  xWrite takes an int and an offset of 64 bits, as write(2) does: any length is written.
# Behaviour: it writes the length modulo 128 KiB and then answers SQLITE_FULL, "database or disk is full", on a disk with
#            room. 200,000 bytes leave 68,928 in the file, 1 MiB leaves none. The library itself writes at most a page of
#            64 KiB at a time, so nobody but those who use the VFS for files of their own (beside the database, or in a
#            VFS that wraps it) meets this; and what wraps it to gather writes has to part them again.
# Way out:   write at most 64 KiB at a time.
# Output seen:
#   SQLite 3.40.1: 65536 bytes: not an error, 65536 in the file
#   SQLite 3.40.1: 131071 bytes: not an error, 131071 in the file
#   SQLite 3.40.1: 131072 bytes: database or disk is full, 0 in the file
#   SQLite 3.40.1: 200000 bytes: database or disk is full, 68928 in the file
#   SQLite 3.40.1: 1048576 bytes: database or disk is full, 0 in the file
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd -- "$folder"

apt-get install --yes --no-install-recommends --no-upgrade -qq gcc libc6-dev > /dev/null 2>&1
apt-get download -qq libsqlite3-0=3.40.1-2+deb12u2 libsqlite3-dev=3.40.1-2+deb12u2 > /dev/null 2>&1
for package in ./*.deb; do dpkg-deb --extract "$package" root; done

cat > large_write.c << 'C'
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  static const char zeros[1 << 20];
  const int lengths[] = {65536, 131071, 131072, 200000, 1 << 20};
  sqlite3_vfs* const vfs = sqlite3_vfs_find(NULL);
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; ++i) {
    sqlite3_file* const file = calloc(1, (size_t)vfs->szOsFile);
    int flags = SQLITE_OPEN_TEMP_DB | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXCLUSIVE |
                SQLITE_OPEN_DELETEONCLOSE;
    sqlite3_int64 size = -1;
    if (vfs->xOpen(vfs, NULL, file, flags, &flags) != SQLITE_OK) return 1;
    const int result = file->pMethods->xWrite(file, zeros, lengths[i], 0);
    file->pMethods->xFileSize(file, &size);
    printf("SQLite %s: %d bytes: %s, %lld in the file\n", sqlite3_libversion(), lengths[i], sqlite3_errstr(result), size);
    file->pMethods->xClose(file);
    free(file);
  }
}
C
libraries=$folder/root/usr/lib/$(gcc -print-multiarch)
gcc -I root/usr/include large_write.c -o large_write -L "$libraries" -lsqlite3 -Wl,-rpath,"$libraries"

expected='SQLite 3.40.1: 65536 bytes: not an error, 65536 in the file
SQLite 3.40.1: 131071 bytes: not an error, 131071 in the file
SQLite 3.40.1: 131072 bytes: database or disk is full, 0 in the file
SQLite 3.40.1: 200000 bytes: database or disk is full, 68928 in the file
SQLite 3.40.1: 1048576 bytes: database or disk is full, 0 in the file'
seen=$(SQLITE_TMPDIR=$folder ./large_write)
echo "$seen"
[[ $seen == "$expected" ]] || { echo "expected: $expected" >&2; exit 1; }
