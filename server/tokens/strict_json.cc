#include "tidings/server/tokens/strict_json.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tidings {
namespace {

using nlohmann::json;

constexpr std::size_t kDeepest = 6;

// What the parser tells its events to. Each returns whether it goes on.
class Builder {
 public:
  explicit Builder(std::size_t most_values) : values_left_(most_values) {}

  json take() { return std::move(whole_); }

  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(std::int64_t value) { return add(value); }
  bool number_unsigned(std::uint64_t value) { return add(value); }
  bool number_float(double value, const std::string&) { return add(value); }
  bool string(std::string& value) { return add(std::move(value)); }
  bool binary(json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(json::object()); }
  bool start_array(std::size_t) { return open(json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& name) {
    name_ = std::move(name);
    return !open_.back()->contains(name_);
  }
  bool parse_error(std::size_t, const std::string&, const json::exception&) { return false; }

 private:
  bool add(json value) {
    if (values_left_ == 0) return false;
    --values_left_;
    last_ = &place();
    *last_ = std::move(value);
    return true;
  }
  json& place() {
    if (open_.empty()) return whole_;
    json& inner = *open_.back();
    return inner.is_array() ? inner.emplace_back() : inner[name_];
  }
  bool open(json empty) {
    if (open_.size() == kDeepest || !add(std::move(empty))) return false;
    open_.push_back(last_);
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::size_t values_left_;
  json whole_;
  // From outside to inside. A list grows, and moves what it has, only while it is the innermost.
  std::vector<json*> open_;
  json* last_ = nullptr;  // what was added last
  std::string name_;      // of the member whose value comes next
};

}  // namespace

std::optional<json> strict_json(std::string_view text, std::size_t most_values) {
  Builder builder(most_values);
  if (!json::sax_parse(text, &builder)) return std::nullopt;
  return builder.take();
}

const json* member(const json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::optional<std::string_view> text_of(const json& object, const char* name) {
  const json* const found = member(object, name);
  if (!found || !found->is_string()) return std::nullopt;
  return found->get_ref<const std::string&>();
}

}  // namespace tidings
