#include "tidings/server/history_tool/print.h"

#include <map>
#include <stdexcept>
#include <utility>

#include "tidings/protocol/encode.h"
#include "tidings/server/channels/channel.h"
#include "tidings/server/channels/channel_cursor.h"
#include "tidings/server/channels/hub.h"
#include "tidings/server/history/history.h"
#include "tidings/server/loop/clock.h"

namespace tidings {
namespace {

// An engine that reads what another process keeps, within each call. What that process has dropped since, or a new
// epoch, the sink is told when it asks for what is no longer there.
class ViewedHistory final : public History {
 public:
  explicit ViewedHistory(std::shared_ptr<HistoryView> view) : view_(std::move(view)) {}

  void open(std::string name, std::weak_ptr<Sink> sink, OnOpened on_opened) override {
    const Extent extent = view_->extent(name);
    opened_[std::move(name)] = {std::move(sink), extent};
    on_opened(extent);
  }
  void append(std::string, std::string, std::optional<std::string>, OnReceipt on_receipt) override {
    on_receipt({Outcome::kFailed, {}, "The history is only looked at"});
  }
  void read(std::string name, std::uint64_t from, std::size_t max_bytes, OnRun on_run) override {
    std::shared_ptr<const Run> run = view_->read(name, from, max_bytes);
    auto& [sink, extent] = opened_[name];
    if (run->begin != Position{extent.epoch, from}) {
      const Extent now = view_->extent(name);
      if (now == extent && run->begin.sequence <= from) throw std::runtime_error(name + " can't be read on");
      if (const auto told = sink.lock(); told && now != extent)
        now.epoch == extent.epoch ? told->dropped(now.first) : told->began(now);
      extent = now;
    }
    on_run(std::move(run));
  }
  void clear(std::string, OnCleared on_cleared) override {
    on_cleared(Cleared::kFailed, "The history is only looked at");
  }
  void list(std::string after, std::size_t most, OnListed on_listed) override { on_listed(view_->list(after, most)); }
  std::optional<std::string> trouble() const override { return std::nullopt; }

 private:
  const std::shared_ptr<HistoryView> view_;
  std::map<std::string, std::pair<std::weak_ptr<Sink>, Extent>> opened_;
};

// Who is behind all that is kept, or has an id of nobody, gets all of it.
constexpr EventLog::Limits kAll{.max_events = SIZE_MAX, .max_bytes = SIZE_MAX, .max_age = std::chrono::hours(1)};

std::string place(const Channel& channel, const Printing& printing) {
  if (printing.after) return *printing.after;
  const Channel::Sequence from = printing.from.value_or(channel.first());
  if (from == 0 || from > channel.next()) {
    throw std::runtime_error("The channel " + channel.name() + " has no event " + std::to_string(from) +
                             ": its events kept are " + std::to_string(channel.first()) + " to " +
                             std::to_string(channel.next() - 1));
  }
  return channel.id_of(from - 1);
}

}  // namespace

void print(const std::shared_ptr<HistoryView>& view, const Printing& printing,
           const std::function<void(std::string_view)>& write) {
  const auto history = std::make_shared<ViewedHistory>(view);
  Hub hub({.channel = {.history = kAll}}, std::make_shared<SystemClock>(), 0, history);
  const std::shared_ptr<Channel> channel = hub.channel(printing.channel);
  if (!printing.after && !view->has_row(printing.channel)) {
    throw std::runtime_error(channel->next() == 1 ? "Nothing was ever published to " + printing.channel
                                                  : "Nothing is kept of " + printing.channel +
                                                        ": nothing was published to it, or so long ago that its name "
                                                        "is forgotten");
  }
  ChannelCursor cursor(channel, place(*channel, printing));
  const Channel::Sequence end = channel->next();
  EventLog::Run run;
  for (std::uint64_t left = printing.events; left > 0 && (cursor.next() < end || cursor.has_missed());) {
    switch (cursor.advance(1, run)) {
      case ChannelCursor::Found::kEvents:
        write(run.block);
        --left;
        break;
      case ChannelCursor::Found::kGap: {
        const Event gap = cursor.gap();
        std::string block;
        encode_with_id(gap, cursor.id(), block);
        write(block);
        break;
      }
      case ChannelCursor::Found::kNothing:  // it was dropped: the next turn finds the gap
      case ChannelCursor::Found::kEnd: break;
    }
  }
}

}  // namespace tidings
