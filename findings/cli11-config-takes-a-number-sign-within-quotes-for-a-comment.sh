#!/bin/bash
# What CLI11 makes of a quoted value with a # in its file of options.
#
# Version:   CLI11 2.1.2 (Debian's libcli11-dev 2.1.2+ds-1).
# Expected:  a value in quotes is what stands between them, as in TOML; and a parser of one's own may give an item for each
#            line.
# Behaviour: a # begins a comment within quotes too. What is before it is the value, with its opening quote, and nothing
#            says so: a secret is cut off, and the program starts with another one. In a list the cut item is empty. Of two
#            items of the same option that a parser of one's own gives, the first counts alone, without a word.
# Way out:   a CLI::Config of one's own, with one item for all lines of an option.
# Output seen:
#   "of#a=file" is ["of]
#   ["a", "b#c"] is [a] []
#   two items of an option are [first]
set -euo pipefail

apt-get install --yes --no-install-recommends -qq g++ libcli11-dev=2.1.2+ds-1 > /dev/null 2>&1

folder=$(mktemp -d)
readonly folder
trap 'rm -rf "$folder"' EXIT
cat > "$folder/flags.cc" << 'CPP'
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

struct TwoItems : CLI::Config {
  std::string to_config(const CLI::App*, bool, bool, std::string) const override { return {}; }
  std::vector<CLI::ConfigItem> from_config(std::istream&) const override {
    std::vector<CLI::ConfigItem> items(2);
    items[0].name = items[1].name = "list";
    items[0].inputs = {"first"};
    items[1].inputs = {"second"};
    return items;
  }
};

int main(int count, char** words) {
  CLI::App app;
  std::string value;
  std::vector<std::string> list;
  app.add_option("--value", value);
  app.add_option("--list", list);
  app.set_config("--config");
  if (count > 3) app.config_formatter(std::make_shared<TwoItems>());
  CLI11_PARSE(app, 3, words);
  if (list.empty()) std::printf("[%s]", value.c_str());
  for (const std::string& each : list) std::printf("%s[%s]", &each == &list[0] ? "" : " ", each.c_str());
}
CPP
g++ -std=c++17 -o "$folder/flags" "$folder/flags.cc"

status=0
expect() {  # NAME EXPECTED SEEN
  echo "$1 $3"
  if [[ $2 != "$3" ]]; then
    echo "$1: expected $2" >&2
    status=1
  fi
}
echo 'value = "of#a=file"' > "$folder/value"
echo 'list = ["a", "b#c"]' > "$folder/list"
expect '"of#a=file" is' '["of]' "$("$folder/flags" --config "$folder/value")"
expect '["a", "b#c"] is' '[a] []' "$("$folder/flags" --config "$folder/list")"
expect 'two items of an option are' '[first]' "$("$folder/flags" --config "$folder/list" custom)"
exit "$status"
