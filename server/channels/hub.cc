#include "tidings/server/channels/hub.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include "tidings/protocol/channel_rules.h"
#include "tidings/server/channels/channel_shelf.h"

namespace tidings {
namespace {

constexpr std::size_t kExpiredAtATime = 256;

// Eight characters of 32 kinds. Two channels have the same epoch, be they of one run or of two, once in a million
// millions, so an id is not taken for one of another channel. A channel's epoch follows from the key and the name: it
// is the same when the channel is made again, although nothing was kept of it. The mixing is that of SplitMix64
// (Steele, Lea and Flood, "Fast splittable pseudorandom number generators").
std::string epoch_of(std::uint64_t key, std::string_view name) {
  static constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuv";
  std::uint64_t number = key;
  const auto mix = [&number](std::uint64_t more) {
    number += more + 0x9E3779B97F4A7C15;
    number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9;
    number = (number ^ (number >> 27)) * 0x94D049BB133111EB;
    number ^= number >> 31;
  };
  mix(name.size());
  for (const char c : name) mix(static_cast<unsigned char>(c));
  std::string epoch(8, '0');
  for (char& digit : epoch) {
    digit = kDigits[number % 32];
    number /= 32;
  }
  return epoch;
}

Hub::Listed listed(Channel& channel) {
  const Channel::Figures figures = channel.figures();
  Hub::Listed listed{.name = channel.name(),
                     .subscribers = channel.subscribers(),
                     .next = channel.id_of(figures.next),
                     .bytes = figures.bytes};
  if (!figures.age) return listed;
  listed.first = channel.id_of(figures.first);
  listed.age = std::chrono::floor<std::chrono::seconds>(*figures.age);
  return listed;
}

Hub::Listed listed(const History::Listed& kept, Clock::WallTime now) {
  const Epoch epoch{.text = epoch_of(kept.extent.epoch, kept.name)};
  Hub::Listed listed{.name = kept.name, .next = epoch.id_of(kept.extent.next), .bytes = kept.bytes};
  if (kept.extent.first == kept.extent.next) return listed;
  listed.first = epoch.id_of(kept.extent.first);
  listed.age = std::chrono::floor<std::chrono::seconds>(std::max(now - kept.oldest, Clock::WallTime::duration(0)));
  return listed;
}

// Both in the order of their names. What is kept is the history's to say, where it has the channel.
Hub::List merged(const std::vector<std::shared_ptr<Channel>>& channels, const std::vector<History::Listed>& kept,
                 std::size_t most, Clock::WallTime now) {
  Hub::List list;
  auto channel = channels.begin();
  auto row = kept.begin();
  while (channel != channels.end() || row != kept.end()) {
    const bool has_row = row != kept.end() && (channel == channels.end() || row->name <= (*channel)->name());
    const bool is_held = channel != channels.end() && (!has_row || (*channel)->name() == row->name);
    if (list.channels.size() == most) {
      list.is_more = true;
      break;
    }
    if (has_row) {
      list.channels.push_back(listed(*row++, now));
      if (is_held) list.channels.back().subscribers = (*channel)->subscribers();
    } else if ((*channel)->is_open()) {  // else there is nothing to say of it yet
      list.channels.push_back(listed(**channel));
    }
    if (is_held) ++channel;
  }
  return list;
}

}  // namespace

Hub::Hub(Options options, std::shared_ptr<const Clock> clock, std::uint64_t key, std::shared_ptr<History> history)
    : options_(options),
      key_(key),
      history_(std::move(history)),
      shelf_(std::make_shared<ChannelShelf>(options.max_channels, options.channel.history.max_age, std::move(clock),
                                            options.max_measured)) {}

Hub::~Hub() { shelf_->close(); }

std::shared_ptr<Channel> Hub::channel(std::string_view name) {
  std::shared_ptr<Channel> channel = find_or_make(name, std::numeric_limits<std::size_t>::max());
  channel->open();
  return channel;
}

std::shared_ptr<Channel> Hub::channel_to_follow(std::string_view name) {
  std::shared_ptr<Channel> channel = find_or_make(name, options_.max_quiet);
  return channel && channel->open() ? channel : nullptr;
}

std::shared_ptr<Channel> Hub::find_or_make(std::string_view name, std::size_t max_quiet) {
  if (!is_channel_name(name)) throw std::invalid_argument("A channel's name must be 1 to 128 of A-Z a-z 0-9 . _ ~ -");
  return shelf_->find_or_make(name, max_quiet, [&](Channel::Sequence first) {
    if (history_) first = 1;  // until the history has said
    const auto named = std::find_if(options_.named.rbegin(), options_.named.rend(),
                                    [name](const Named& each) { return each.channel == name; });
    const Channel::Options& options = named == options_.named.rend() ? options_.channel : named->options;
    auto channel = std::make_shared<Channel>(shelf_, std::string(name), epoch_of(key_, name), options, first);
    if (history_) channel->set_history(history_, epoch_of);
    return channel;
  });
}

Hub::Figures Hub::figures() const {
  return {.channels = shelf_->kept(),
          .published = shelf_->events_published(),
          .has_trouble = history_ && history_->trouble().has_value()};
}

void Hub::clear(const std::string& name, History::OnCleared then) {
  if (history_) return history_->clear(name, std::move(then));
  const std::shared_ptr<Channel> channel = shelf_->find(name);
  then(channel && channel->clear() ? History::Cleared::kCleared : History::Cleared::kNothing, {});
}

void Hub::list(const std::string& after, std::size_t most, OnListed then) {
  const auto give = [shelf = shelf_, after, most,
                     then = std::move(then)](const std::optional<std::vector<History::Listed>>& kept) {
    if (!kept) return then(std::nullopt);
    then(merged(shelf->behind(after, most + 1), *kept, most, shelf->clock().wall_now()));
  };
  history_ ? history_->list(after, most + 1, give) : give(std::vector<History::Listed>());
}

std::vector<Hub::ChannelFigures> Hub::channel_figures() const {
  std::vector<ChannelFigures> all;
  for (const std::shared_ptr<Channel>& each : shelf_->measured()) all.push_back({each->name(), each->figures()});
  return all;
}

bool Hub::expire() { return shelf_->expire(kExpiredAtATime); }

}  // namespace tidings
