#!/bin/bash
# Tries the package as its users do: makes it, and on a bare Debian of this machine's release, under a systemd of its own,
# installs it, follows a channel by many clients while it is upgraded, removes and purges it. Says what it sees and ends
# with a count. Needs root, and Debian's debhelper, debootstrap, lintian and systemd-container.
#
#   tools/check_package.sh [FOLDER [PACKAGE]]     keeps the bare system in FOLDER for the next time; of a PACKAGE made before
set -uo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." || exit 1

missing=()
for each in dh:debhelper debootstrap lintian systemd-nspawn:systemd-container curl node:nodejs; do
  command -v "${each%:*}" > /dev/null || missing+=("${each#*:}")
done
if ((EUID != 0 || ${#missing[@]} > 0)); then
  echo "check_package.sh: this needs root, and what is missing here: apt-get install ${missing[*]}" >&2
  exit 1
fi

work=$(mktemp -d)
kept=${1:-$work}
root=$work/root
container=
leader=

stop_container() {
  [[ -n $container ]] && kill "$container" 2> /dev/null && wait "$container"
  container=
}
trap 'stop_container; rm -rf -- "$work"' EXIT

passed=0
failed=()
expect() { # NAME COMMAND…
  local name=$1
  shift
  if "$@" > "$work/said" 2>&1; then
    passed=$((passed + 1))
    echo "ok: $name"
  else
    failed+=("$name")
    echo "FAILED: $name"
    sed 's/^/    /' "$work/said"
  fi
}
refuses() { ! "$@"; }

in_container() { nsenter --target "$leader" --mount --uts --ipc --net --pid --root --wd -- "$@"; }
in_its_network() { nsenter --target "$leader" --net -- "$@"; }
apt() { in_container env DEBIAN_FRONTEND=noninteractive apt-get -qq --yes --no-install-recommends "$@"; }
has() { [[ $(in_its_network curl -sS --max-time 10 "http://localhost:9009$1") == *"$2"* ]]; }
publishing_is_answered() { # STATUS FIELDS…
  [[ $(in_its_network curl -sS --max-time 10 -d hello "${@:2}" -o /dev/null -w '%{http_code}' \
    http://localhost:9009/channels/news) == "$1" ]]
}
# Files of the system, but for what changes whatever is installed.
files() {
  (cd "$root" && find . -path ./proc -prune -o -path ./sys -prune -o -path ./run -prune -o -path ./tmp -prune \
    -o -path ./var/cache -prune -o -path ./var/log -prune -o -path ./var/tmp -prune -o -path ./var/lib/dpkg -prune \
    -o -path ./var/lib/apt -prune -o -path ./var/lib/systemd -prune -o -print | sort)
}

echo "The package:"
DEBEMAIL=${DEBEMAIL:-tidings@tidings.example}
export DEBEMAIL
package=${2:-}
if [[ -z $package ]]; then
  ./bazelw run --noshow_progress //packaging:deb -- "$work" || exit 1
  package=$(echo "$work"/tidings_*.deb)
fi
expect "lintian has nothing to say" lintian --allow-root --fail-on error,warning,info "$package"
dpkg-deb --field "$package" Version Depends

echo "A bare system:"
# shellcheck disable=SC1091 # The system's own.
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
if [[ ! -d $kept/base ]]; then
  # shellcheck disable=SC2016 # For apt-get to expand.
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
    awk -v release="$release" '$2 == release { print $1; exit }')
  debootstrap --variant=minbase --include=systemd,systemd-sysv "$release" "$kept/base" "$mirror" > "$work/said" ||
    { tail -5 "$work/said"; exit 1; }
fi
cp -a -- "$kept/base" "$root"
cp -- "$package" "$root/root/first.deb"
# The next version: the same with another number.
dpkg-deb --raw-extract "$package" "$work/next"
sed -i 's/^Version: .*/&+next/' "$work/next/DEBIAN/control"
dpkg-deb --root-owner-group --build "$work/next" "$root/root/next.deb" > /dev/null
# The container has no network but its own, where port 9009 is free.
chroot "$root" apt-get -qq update
chroot "$root" apt-get -qq --yes --no-install-recommends --download-only install /root/first.deb
systemd-nspawn --quiet --register=no --keep-unit --private-network --directory="$root" --boot --console=pipe \
  > "$work/boot" 2>&1 < /dev/null &
container=$!
for _ in {1..100}; do
  leader=$(pgrep --parent "$container") && in_container systemctl is-system-running --wait > "$work/said" 2>&1
  grep -qE 'running|degraded' "$work/said" && break
  sleep 0.3
done
if ! grep -qE 'running|degraded' "$work/said"; then
  echo "No systemd could be started in a container here, so nothing more can be tried:" >&2
  tail -5 "$work/boot" >&2
  exit 1
fi
files > "$work/before"

echo "Installed:"
expect "apt-get install" apt install /root/first.deb
expect "the service is ready" in_container systemctl is-active --wait tidings.service tidings.socket
expect "systemd-analyze has nothing to say of its units" in_container systemd-analyze verify --man=no \
  tidings.socket tidings.service
in_container systemd-analyze security --no-pager tidings.service | tail -1
in_container journalctl --quiet --output=cat --unit=tidings.service | sed 's/^/    /'
expect "the page is served" has / '<title>Tidings</title>'
expect "the other family too" in_its_network curl -sS --max-time 10 --ipv6 http://localhost:9009/healthz
token=$(< "$root/etc/tidings/publish_token")
expect "who has the token may publish" publishing_is_answered 200 -H "Authorization: Bearer $token"
expect "who has none may not" publishing_is_answered 401
expect "events are kept in the state folder" in_container test -s /var/lib/tidings/history.db
expect "man has a page of it" test -s "$root/usr/share/man/man1/tidings-server.1.gz"
expect "no user was added" refuses grep -q tidings "$root/etc/passwd"

echo "Upgraded, with clients and a publisher:"
of_service() { in_container systemctl show --property="$1" --value "$2"; }
process=$(of_service MainPID tidings.service)
socket=$(of_service ActiveEnterTimestampMonotonic tidings.socket)
coproc FOLLOW { in_its_network timeout 120 node tools/follow_restart.mjs http://localhost:9009 "$token" 50 2>&1; }
follower=$FOLLOW_PID
exec {figures}<&"${FOLLOW[0]}" {input}>&"${FOLLOW[1]}"
eval "exec ${FOLLOW[0]}<&- ${FOLLOW[1]}>&-"
sleep 3
expect "apt-get install of the next version" apt install /root/next.deb
expect "another process serves" test "$(of_service MainPID tidings.service)" != "$process"
expect "the socket stayed" test "$(of_service ActiveEnterTimestampMonotonic tidings.socket)" = "$socket"
sleep 3
exec {input}>&-
expect "no client was refused, and each got all events once and without a gap" wait "$follower"
cat <&"$figures"

echo "Removed:"
expect "apt-get remove" apt remove tidings
expect "nothing listens" refuses in_its_network curl -sS --max-time 10 http://localhost:9009/healthz
expect "the events are kept" test -s "$root/var/lib/private/tidings/history.db"
expect "apt-get purge" apt purge --autoremove tidings
expect "nothing is left" diff "$work/before" <(files)

echo
for name in "${failed[@]}"; do
  echo "failed: $name"
done
echo "$passed passed, ${#failed[@]} failed"
((${#failed[@]} == 0))
