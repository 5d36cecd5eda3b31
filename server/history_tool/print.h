// A channel of a history as the event stream that a server sends from there: with its ids, and with a gap where it
// tells one. Made of what the server makes its streams of. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tidings/server/history/history_view.h"

namespace tidings {

struct Printing {
  std::string channel;
  std::optional<std::string> after = {};  // the last event ID of a client
  std::optional<std::uint64_t> from = {};
  std::uint64_t events = UINT64_MAX;  // at most so many
};

// Writes what is kept from there on, without either place all of it, up to the newest event of now. Throws
// std::runtime_error with a sentence for a channel that nothing was ever published to, and for a number that no event
// of it has had yet.
void print(const std::shared_ptr<HistoryView>& view, const Printing& printing,
           const std::function<void(std::string_view)>& write);

}  // namespace tidings
