#include "tidings/protocol/channel_rules.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "tidings/protocol/utf8.h"

namespace tidings {
namespace {

constexpr std::size_t kLongestName = 128;
constexpr std::string_view kNameCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-";
// A log takes less than 4 GiB for one event, and each line end of the data is a line of 7 bytes there.
constexpr std::size_t kMostDataBytes = std::size_t{256} << 20;

}  // namespace

bool is_channel_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && name.find_first_not_of(kNameCharacters) == name.npos;
}

bool is_reserved_type(std::string_view type) {
  static constexpr std::string_view kReserved[] = {"begin", "gap", "heartbeat", "error", "open"};
  return std::find(std::begin(kReserved), std::end(kReserved), type) != std::end(kReserved);
}

std::string_view reason_not_to_publish(const Event& event) {
  if (!event.type().empty() && !is_channel_name(event.type())) {
    return "An event's type must be 1 to 128 of A-Z a-z 0-9 . _ ~ -, or none.";
  }
  if (is_reserved_type(event.type())) {
    return "The event types begin, gap and heartbeat are the server's own, error and open are EventSource's: publish "
           "another.";
  }
  if (event.data().size() > kMostDataBytes) return "An event's data can be 256 MiB at most.";
  if (!is_valid_utf8(event.data())) return "An event's data must be UTF-8 text.";
  if (!event.comment()) return {};
  if (event.comment()->size() > kMostDataBytes) return "An event's comment can be 256 MiB at most.";
  if (!is_valid_utf8(*event.comment())) return "An event's comment must be UTF-8 text.";
  return {};
}

}  // namespace tidings
