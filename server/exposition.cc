#include "tidings/server/exposition.h"

#include <charconv>

namespace tidings {
namespace {

// A value stands in quotes.
void append_escaped(std::string_view value, std::string& text) {
  for (const char c : value) {
    if (c == '\n') {
      text.append("\\n");
      continue;
    }
    if (c == '\\' || c == '"') text.push_back('\\');
    text.push_back(c);
  }
}

}  // namespace

void Exposition::begin(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ").append(help);
  text_.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
}

void Exposition::add(std::uint64_t value, const std::vector<Label>& labels, std::string_view suffix) {
  add_value(std::to_string(value), labels, suffix);
}

void Exposition::add_real(double value, const std::vector<Label>& labels, std::string_view suffix) {
  add_value(decimal(value), labels, suffix);
}

void Exposition::add_value(std::string_view value, const std::vector<Label>& labels, std::string_view suffix) {
  text_.append(name_).append(suffix);
  char before = '{';
  for (const Label& label : labels) {
    text_.push_back(before);
    text_.append(label.name).append("=\"");
    append_escaped(label.value, text_);
    text_.push_back('"');
    before = ',';
  }
  if (!labels.empty()) text_.push_back('}');
  text_.append(" ").append(value).append("\n");
}

std::string decimal(double number) {
  char digits[400];  // the largest has 309 before its point
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number, std::chars_format::fixed);
  return {digits, end};
}

}  // namespace tidings
