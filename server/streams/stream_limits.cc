#include "tidings/server/streams/stream_limits.h"

namespace tidings {

std::optional<StreamLimits::Slot> StreamLimits::take_slot(const std::string& client_address) {
  const std::lock_guard lock(mutex_);
  if (streams_ >= options_.max_streams) return std::nullopt;
  const auto client = clients_.try_emplace(client_address, 0).first;
  if (options_.max_streams_per_client && client->second >= *options_.max_streams_per_client) return std::nullopt;
  ++streams_;
  ++client->second;
  return Slot(*this, client);
}

void StreamLimits::give_back(Slot::Client client) {
  const std::lock_guard lock(mutex_);
  --streams_;
  if (--client->second == 0) clients_.erase(client);
}

}  // namespace tidings
