#!/bin/bash
# A registry for the lane of MODULE.bazel, where nothing can be fetched: lanes/registry.sh FOLDER TREE writes one of what
# the distribution packages, for every name and version that Bazel and the tree at TREE ask for.
#
# It shows that the lane's labels, its extension and the visibility of its repositories are right, with cpp-httplib and Asio
# as headers, and with the tools of this distribution. It shows nothing of the Bazel Central Registry's own targets: a
# module whose name is below is the system's package under its name, whatever the version, and any other is empty.
set -euo pipefail

folder=$1
tree=$2
readonly folder tree
readonly rules=/usr/share/bazel

# Modules that are folders of Bazel's packages, and have a MODULE.bazel of their own.
declare -A packaged=(
  [bazel_features]=$rules/tools/features [bazel_skylib]=$rules/tools/skylib [platforms]=$rules/tools/platforms
  [rules_cc]=$rules/rules/cc [rules_java]=$rules/rules/java [rules_license]=$rules/rules/license
  [rules_proto]=$rules/rules/proto [rules_python]=$rules/rules/python
)
# Modules that are the system's libraries: NAME's BUILD file in toolchain/libraries.
declare -A libraries=(
  [boringssl]=libcrypto [cli11]=cli11 [google_benchmark]=google_benchmark [hiredis]=hiredis [liburing]=liburing [nlohmann_json]=nlohmann_json [spdlog]=spdlog
  [sqlite3]=sqlite3
)

# The whole of cpp-httplib is in one header of its source package alone: the library's header leaves bodies out.
httplib_header() {
  local download
  download=$(mktemp -d)
  (cd -- "$download" && apt-get -qq -o APT::Sandbox::User=root source --download-only cpp-httplib) > /dev/null
  tar --extract --to-stdout --wildcards --file="$(find "$download" -name '*.orig.tar.*' -print -quit)" '*/httplib.h'
  rm -rf -- "$download"
}

# Makes the sources of module NAME in its folder.
make_sources() {
  local name=$1 sources=$folder/sources/$1
  if [[ -d $sources ]]; then return; fi
  mkdir -p -- "$sources"
  if [[ -v packaged[$name] ]]; then
    cp -RL -- "${packaged[$name]}/." "$sources"
    return
  fi
  touch "$sources/MODULE.bazel" "$sources/BUILD.bazel"
  if [[ -v libraries[$name] ]]; then
    cp -- "$tree/toolchain/libraries/${libraries[$name]}.BUILD" "$sources/BUILD.bazel"
  fi
  case $name in
    asio)
      mkdir -p -- "$sources/asio/include"
      cp -R -- /usr/include/asio /usr/include/asio.hpp "$sources/asio/include"
      ;;
    cpp-httplib) httplib_header > "$sources/httplib.h" ;;
    googletest) cp -R -- /usr/src/googletest/. "$sources" ;;
    nlohmann_json)
      mkdir -p -- "$sources/include"
      cp -R -- /usr/include/nlohmann "$sources/include"
      ;;
  esac
}

# Makes the registry's entry of module NAME at VERSION.
make_entry() {
  local name=$1 version=$2 entry=$folder/modules/$1/$2
  make_sources "$name"
  mkdir -p -- "$entry"
  if [[ -v packaged[$name] ]]; then
    sed "0,/^ *version = \"[^\"]*\"/s//    version = \"$version\"/" "${packaged[$name]}/MODULE.bazel" > "$entry/MODULE.bazel"
  else
    printf 'module(name = "%s", version = "%s")\n' "$name" "$version" > "$entry/MODULE.bazel"
    if [[ -v libraries[$name] ]]; then
      printf 'bazel_dep(name = "rules_cc", version = "0.0.11")\n' >> "$entry/MODULE.bazel"
    fi
  fi
  printf '{"type": "local_path", "path": "%s"}\n' "$folder/sources/$name" > "$entry/source.json"
}

mkdir -p -- "$folder"
echo '{}' > "$folder/bazel_registry.json"
modules=("$rules/embedded_tools/MODULE.bazel" "$tree/MODULE.bazel" "$tree/examples/standalone/MODULE.bazel")
for path in "${packaged[@]}"; do
  modules+=("$path/MODULE.bazel")
done
cat -- "${modules[@]}" | sed -nE 's/^bazel_dep\(name = "([^"]+)", version = "([^"]+)".*/\1 \2/p' | sort -u |
  while read -r name version; do
    make_entry "$name" "$version"
  done
