#include "server/hub.h"

#include <algorithm>
#include <utility>

#include "server/text.h"

namespace tidings {

Hub::Hub(Options options, const Clock& clock, std::uint64_t seed) : options_(options), clock_(clock), random_(seed) {}

std::shared_ptr<Channel> Hub::channel(std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (const auto found = channels_.find(name); found != channels_.end()) return found->second;
  if (channels_.size() >= options_.max_channels) expire_locked();
  if (channels_.size() >= options_.max_channels) return nullptr;
  auto made = std::make_shared<Channel>(std::string(name), next_epoch(), options_.channel, clock_);
  channels_.emplace(name, made);
  return made;
}

Hub::Figures Hub::figures() const {
  const std::lock_guard lock(mutex_);
  Figures figures{.channels = channels_.size(), .published = published_to_gone_};
  for (const auto& [name, channel] : channels_) figures.published += channel->next() - 1;
  return figures;
}

void Hub::expire() {
  const std::lock_guard lock(mutex_);
  expire_locked();
}

// A channel that somebody holds may be about to be published to: it stays.
void Hub::expire_locked() {
  std::erase_if(channels_, [this](const auto& entry) {
    const bool is_needless = entry.second->expire() && entry.second.use_count() == 1;
    if (is_needless) published_to_gone_ += entry.second->next() - 1;
    return is_needless;
  });
}

// Eight characters of 32, so that two epochs are the same once in a million millions.
std::string Hub::next_epoch() {
  static constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuv";
  std::uint64_t number = random_();
  std::string epoch(8, '0');
  for (char& digit : epoch) {
    digit = kDigits[number % 32];
    number /= 32;
  }
  return epoch;
}

bool is_channel_name(std::string_view name) {
  return !name.empty() && name.size() <= 128 && std::all_of(name.begin(), name.end(), [](char c) {
    return is_alphanumeric(c) || std::string_view("._~-").find(c) != std::string_view::npos;
  });
}

}  // namespace tidings
