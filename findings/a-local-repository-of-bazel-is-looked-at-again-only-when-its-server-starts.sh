#!/bin/bash
# When Bazel runs a repository rule with local = True again.
#
# Version:   Bazel 4.2.3 (Debian's bazel-bootstrap 4.2.3+ds-9).
# Expected:  "This rule fetches everything from the local system and should be reevaluated at every fetch": a program that
#            the rule looks for, and that was installed since, is found by the next build.
# Behaviour: a rule that succeeded runs again when the server starts, and not before. One that finds a program missing and
#            makes a repository that says so, which unlike a failure shows no stack trace of Starlark and breaks no build
#            that does without, says so for as long as the server runs.
# Way out:   say "bazel shutdown" in the message.
# Output seen:
#   nothing is installed: missing
#   the program is installed: missing
#   and the server was shut down: there
set -euo pipefail

folder=$(mktemp -d)
end() {
  (cd -- "$folder/tree" && bazel --output_user_root="$folder/output" shutdown)
  chmod -R u+w -- "$folder" && rm -rf -- "$folder"
} > /dev/null 2>&1
trap end EXIT

apt-get install --yes --no-install-recommends --no-upgrade -qq bazel-bootstrap > /dev/null 2>&1
mkdir "$folder/tree" "$folder/programs"
cd -- "$folder/tree"
touch BUILD
cat > WORKSPACE << 'STARLARK'
load("//:program.bzl", "program")

program(name = "program")
STARLARK
cat > program.bzl << 'STARLARK'
def _program_impl(repository_ctx):
    found = "there" if repository_ctx.which("some_program") else "missing"
    repository_ctx.file("BUILD", "filegroup(name = '%s')" % found)

program = repository_rule(
    environ = ["PATH"],
    implementation = _program_impl,
    local = True,
)
STARLARK

export PATH=$folder/programs:$PATH
found() {
  bazel --output_user_root="$folder/output" query --noshow_progress @program//:all 2> /dev/null | sed 's/.*://'
}
show() {
  nothing=$(found)
  install -m 755 /dev/null "$folder/programs/some_program"
  installed=$(found)
  bazel --output_user_root="$folder/output" shutdown > /dev/null 2>&1
  echo "nothing is installed: $nothing"
  echo "the program is installed: $installed"
  echo "and the server was shut down: $(found)"
}
expected='nothing is installed: missing
the program is installed: missing
and the server was shut down: there'
seen=$(show)
echo "$seen"
[[ $seen == "$expected" ]] || { echo "expected: $expected" >&2; exit 1; }
