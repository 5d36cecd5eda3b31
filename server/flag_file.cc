#include "tidings/server/flag_file.h"

#include <cstddef>
#include <map>
#include <string_view>
#include <utility>

#include "tidings/server/http/text.h"

namespace tidings {
namespace {

std::string_view without_quotes(std::string_view value) {
  const bool has_quotes = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  return has_quotes ? value.substr(1, value.size() - 2) : value;
}

}  // namespace

std::vector<CLI::ConfigItem> FlagFile::from_config(std::istream& file) const {
  std::vector<CLI::ConfigItem> items;
  std::map<const CLI::Option*, std::size_t> places;  // of their items
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const std::string_view text = trimmed(line);
    if (text.empty() || text.front() == '#') continue;
    const std::size_t equals = text.find('=');
    const std::string name(trimmed(text.substr(0, equals)));
    const CLI::Option* const option = app_.get_option_no_throw("--" + name);
    if (!option || !option->get_configurable()) {
      throw CLI::ConfigError(
          "line " + std::to_string(number) + ": there is no flag " + printable(name) + " that a file may have.",
          CLI::ExitCodes::ConfigError);
    }
    const bool has_value = equals != std::string_view::npos;
    std::string value(has_value ? without_quotes(trimmed(text.substr(equals + 1))) : "true");
    // CLI11 takes one item of an option.
    const auto [place, is_new] = places.try_emplace(option, items.size());
    if (is_new) items.emplace_back().name = name;
    items[place->second].inputs.push_back(std::move(value));
  }
  return items;
}

}  // namespace tidings
