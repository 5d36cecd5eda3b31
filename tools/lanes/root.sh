# shellcheck shell=bash disable=SC2154
# Another Debian in a folder, for check_lanes.sh: made of the packages that apt gets on this machine, with a user `builder`
# and this tree at /src/root and /src/builder. To be sourced; `root` is the folder.

# The address from which apt gets Debian's packages.
mirror() {
  apt-get indextargets 'Created-By: Packages' 'Label: Debian' | sed -n '/^Repo-URI: /{s///p;q}'
}

# Makes a root of SUITE unless it is there.
make_root() {  # SUITE
  if [[ -e $root/home/builder ]]; then
    return
  fi
  mkdir -p -- "$root"
  debootstrap --variant=minbase "$1" "$root" "$(mirror)" > "$root.log" 2>&1 || return
  # A root that can be made again need not outlive a loss of power: a thousand packages are installed in half the time.
  echo force-unsafe-io > "$root/etc/dpkg/dpkg.cfg.d/lanes"
  # Its packages' sources too, and what this machine says about how to get at them.
  sed -i 's/^deb \(.*\)/&\ndeb-src \1/' "$root/etc/apt/sources.list"
  cp --no-clobber -- /etc/apt/apt.conf.d/* "$root/etc/apt/apt.conf.d/"
  cp -- /etc/resolv.conf "$root/etc/"
  chroot "$root" useradd --create-home --shell /bin/bash builder
}

# The tree as it is here, committed or not, at /src/USER.
lay_tree() {  # USER
  local tree=$root/src/$1
  rm -rf -- "$tree"
  mkdir -p -- "$tree/tests/browser/node_modules"
  git ls-files -z --cached --others --exclude-standard |
    tar --create --null --files-from=- | tar --extract --directory="$tree"
  # No browser is driven there, so that nothing of npm's is needed.
  touch -- "$tree/tests/browser/node_modules/.package-lock.json"
  chroot "$root" chown -R "$1:" "/src/$1"
}

# Runs a line of shell as USER in the root. The root is the file system of a mount namespace and no chroot: in that Bazel's
# sandbox could make no namespaces, and what an ordinary user can't build would be hidden.
in_root() {  # USER LINE
  # shellcheck disable=SC2016 # The inner shell's own variables.
  unshare --mount --propagation private -- bash -ec '
    mount --rbind "$0" "$0"
    mount --rbind /dev "$0/dev"
    mount -t proc proc "$0/proc"
    cd "$0"
    pivot_root . mnt
    umount --lazy /mnt
    exec runuser --login "$1" --command "$2"
  ' "$root" "$1" "$2"
}

# The upstream version of PACKAGE there.
version() {
  dpkg-query --root="$root" --show --showformat='${Version}' "$1" 2> /dev/null | sed 's/^[0-9]*://; s/[-+].*//'
}
