// A file of flags: a line each, its name and its value, which is the rest of the line.
//
//   # how this machine runs it
//   port = 9010
//   open_channel = demo
//   open_channel = news
//   access_log
//
// Spaces around either are nothing, and so are quotes around a whole value. Nothing else in a value is special, a #
// least of all: CLI11's own parser, depending on its version, takes what is behind one for a comment, within quotes
// too.
#pragma once

#include <CLI/CLI.hpp>
#include <istream>
#include <string>
#include <vector>

namespace tidings {

class FlagFile final : public CLI::Config {
 public:
  // The app outlives it.
  explicit FlagFile(const CLI::App& app) : app_(app) {}

  // Throws a CLI::ConfigError with a sentence where a line is none.
  std::vector<CLI::ConfigItem> from_config(std::istream& file) const override;

  std::string to_config(const CLI::App*, bool, bool, std::string) const override { return {}; }

 private:
  const CLI::App& app_;
};

}  // namespace tidings
