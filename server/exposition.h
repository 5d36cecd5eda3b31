// Metrics as text for a monitoring system: a head for each metric, then its samples.
// Source: Prometheus, "Exposition formats", section "Text-based format". One thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

class Exposition {
 public:
  struct Label {
    std::string_view name;  // a letter or _, then letters, digits and _
    std::string_view value;
  };

  // What is added from now on is of this metric. `help` has no line end.
  void begin(std::string_view name, std::string_view type, std::string_view help);

  // A sample, by its value. `suffix` follows the metric's name, as the parts of a histogram have it.
  void add(std::uint64_t value, const std::vector<Label>& labels = {}, std::string_view suffix = {});
  void add_real(double value, const std::vector<Label>& labels = {}, std::string_view suffix = {});

  const std::string& text() const { return text_; }

 private:
  void add_value(std::string_view value, const std::vector<Label>& labels, std::string_view suffix);

  std::string name_;
  std::string text_;
};

// In the fewest digits that mean this number, without an exponent.
std::string decimal(double number);

}  // namespace tidings
