// Thousands of seeded schedules of publishing, faults, kills and losses of power against a model that is a few maps:
//
//   nothing acknowledged is lost: under kPower whatever ends a run, under kProcess where its process was killed
//   no position is given to two events, and no event to two positions
//   every append gets exactly one receipt; the sequences of a channel have no holes, but for one number at each
//   clearing what was cleared is gone, whatever ends the run, and so is all that it took a key stands for one event,
//   for as long as that is kept the epoch rises after a loss of power under kProcess, and at no other time
//
// A failure prints its seed; TIDINGS_SEED=N runs that one alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tidings/server/disk/sqlite.h"
#include "tidings/tests/server/history/engine.h"
#include "tidings/tests/server/history/faulty_disk.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using Outcome = History::Outcome;

// The thread sanitizer takes ten times as long, and finds nothing more in more of them: they run on one thread.
#ifdef __SANITIZE_THREAD__
constexpr int kSchedules = 200;
#else
constexpr int kSchedules = 1000;
#endif
constexpr std::uint64_t kMostEvents = 40;

class Schedule {
 public:
  explicit Schedule(std::uint64_t seed)
      : random_(seed), disk_("faulty", seed), durability_(chance(50) ? Durability::kPower : Durability::kProcess) {
    options_.data_dir = folder_.path();
    options_.durability = durability_;
    options_.limits.max_events = kMostEvents;
    options_.reserve_bytes = 32 * 1024;
    options_.max_log_pages = 16;
    surroundings_ = {.clock = clock_, .boot_id = "boot 0", .vfs = disk_.name(), .has_threads = false};
  }

  void run() {
    start();
    for (int runs = 1 + below(5); runs > 0 && !::testing::Test::HasFailure(); --runs) {
      disk_.set_faults(chance(40) ? FaultyDisk::Faults{below(20), below(40), below(100)} : FaultyDisk::Faults{});
      if (chance(20)) disk_.set_capacity(disk_.used() + below(200'000));
      if (chance(70)) disk_.die_after(1 + below(chance(50) ? 30 : 300));
      publish(5 + below(40));
      end();
      start();
    }
    history_.reset();
    EXPECT_EQ(receipts_, handed_in_);
  }

 private:
  struct Channel {
    std::map<std::uint64_t, std::string> acknowledged;  // by sequence, in this epoch
    std::map<std::string, std::uint64_t> keys;          // of acknowledged events
    std::shared_ptr<RecordingSink> sink;
    std::map<std::uint64_t, std::string> seen;  // by sequence, in this epoch
    std::uint64_t cleared_to = 1;
    bool may_be_cleared = false;  // it was to be, and that has failed
  };

  int below(int bound) { return static_cast<int>(random_() % static_cast<std::uint64_t>(bound)); }
  bool chance(int percent) { return below(100) < percent; }
  std::string any_name() { return std::string(1, static_cast<char>('a' + below(3))); }

  void publish(int turns) {
    for (; turns > 0; --turns) {
      for (int count = below(6); count > 0; --count) hand_in();
      if (chance(4)) clear();
      if (chance(60)) history_->step_writer();
      if (chance(20)) read();
      if (chance(10)) clock_->advance(1s);
      if (chance(3)) disk_.set_capacity({});
      if (chance(3)) disk_.set_faults({});
    }
  }

  void hand_in() {
    const std::string name = any_name();
    std::optional<std::string> key;
    if (chance(30)) key = std::to_string(below(20));
    ++handed_in_;
    const std::string text =
        key ? "of " + *key + ' ' + std::string(chance(80) ? 20 : 10, 'x') + '\n'
            : std::to_string(handed_in_) + " none " + std::string(below(chance(5) ? 6000 : 20), 'x') + '\n';
    history_->append(name, text, key, [this, name, text, key, is_answered = false](const auto& receipt) mutable {
      EXPECT_FALSE(std::exchange(is_answered, true));
      ++receipts_;
      if (receipt.outcome == Outcome::kKept) acknowledge(name, text, key, receipt.at);
      if (receipt.outcome == Outcome::kKeyTaken) expect_other(channels_[name], text, *key);
    });
  }

  void clear() {
    const std::string name = any_name();
    ++handed_in_;
    history_->clear(name, [this, name, is_answered = false](History::Cleared cleared, std::string_view) mutable {
      EXPECT_FALSE(std::exchange(is_answered, true));
      ++receipts_;
      Channel& channel = channels_[name];
      if (cleared == History::Cleared::kCleared) channel.cleared_to = channel.sink->extent.first;
      if (cleared == History::Cleared::kFailed) channel.may_be_cleared = true;
    });
  }

  static void expect_other(const Channel& channel, const std::string& text, const std::string& key) {
    std::vector<std::string> texts = channel.sink->blocks;
    for (const auto& [sequence, each] : channel.acknowledged) texts.push_back(each);
    EXPECT_TRUE(std::any_of(texts.begin(), texts.end(), [&](const auto& each) {
      return key_of(each) == key && each != text;
    })) << key;
  }

  void acknowledge(const std::string& name, const std::string& text, const std::optional<std::string>& key,
                   Position at) {
    Channel& channel = channels_[name];
    EXPECT_EQ(at.epoch, epoch_);
    EXPECT_EQ(text_at(channel, at.sequence), text) << name << ' ' << at.sequence;
    if (key) {
      const auto known = channel.keys.find(*key);
      if (known != channel.keys.end() && known->second != at.sequence) {
        EXPECT_LT(known->second, channel.sink->extent.first) << "the key's event was there";
      }
      channel.keys[*key] = at.sequence;
    } else {
      EXPECT_FALSE(channel.acknowledged.contains(at.sequence)) << name << ' ' << at.sequence << " given twice";
    }
    channel.acknowledged[at.sequence] = text;
  }

  // As the follower was told, or as it was found when the run began.
  static std::string text_at(const Channel& channel, std::uint64_t sequence) {
    const std::vector<std::string>& blocks = channel.sink->blocks;
    const std::uint64_t first = channel.sink->extent.next - blocks.size();
    if (sequence >= first && sequence < channel.sink->extent.next) return blocks[sequence - first];
    const auto found = channel.acknowledged.find(sequence);
    return found == channel.acknowledged.end() ? "" : found->second;
  }

  static std::string key_of(const std::string& text) {
    const std::size_t begin = text.find(' ') + 1;
    return text.substr(begin, text.find(' ', begin) - begin);
  }

  void read() {
    const std::string name = any_name();
    history_->read(name, 1 + below(50), 1 + below(2000), [](const auto&) {});
    history_->step_reader();
  }

  void end() {
    remember();
    const bool is_killed = disk_.is_dead() || chance(50);
    if (is_killed) disk_.die();
    history_.reset();
    remember();
    disk_.set_faults({});
    disk_.set_capacity({});
    is_power_lost_ = is_killed && chance(50);
    if (!is_power_lost_) return disk_.revive_after_kill();
    disk_.revive_after_power_loss();
    surroundings_.boot_id += '+';
  }

  // What followers have seen in this epoch is theirs for ever.
  void remember() {
    for (auto& [name, channel] : channels_) {
      if (!channel.sink) continue;
      const std::vector<std::string>& blocks = channel.sink->blocks;
      for (std::size_t index = 0; index < blocks.size(); ++index) {
        channel.seen[channel.sink->extent.next - blocks.size() + index] = blocks[index];
      }
    }
  }

  void start() {
    try {
      history_ = std::make_unique<SqliteHistory>(options_, surroundings_);
    } catch (const std::runtime_error& error) {
      FAIL() << error.what();
    }
    check_file();
    for (const char* name : {"a", "b", "c"}) {
      Channel& channel = channels_[name];
      channel.sink = std::make_shared<RecordingSink>();
      history_->open(name, channel.sink, [&](const auto& extent) { channel.sink->extent = *extent; });
    }
    while (history_->step_writer()) {
    }
    const std::uint64_t epoch = channels_["a"].sink->extent.epoch;
    const bool may_rise = epoch_ == 0 || (is_power_lost_ && durability_ == Durability::kProcess);
    EXPECT_TRUE(may_rise || epoch == epoch_) << "nothing was lost";
    EXPECT_TRUE(!may_rise || epoch > epoch_);
    const bool has_risen = epoch != epoch_;
    epoch_ = epoch;
    for (auto& [name, channel] : channels_) check(name, channel, has_risen);
    is_power_lost_ = false;
    check_rows();
  }

  void check(const std::string& name, Channel& channel, bool has_risen) {
    const Extent extent = channel.sink->extent;
    std::map<std::uint64_t, std::string> kept;
    for (std::uint64_t from = extent.first; from < extent.next;) {
      std::shared_ptr<const History::Run> run;
      history_->read(name, from, 10'000, [&](auto answer) { run = std::move(answer); });
      while (history_->step_reader()) {
      }
      ASSERT_TRUE(run && !run->records.empty()) << name << " has a hole at " << from;
      for (const Record& record : run->records) {
        EXPECT_EQ(record.at, (Position{epoch_, from}));
        kept[from++] = record.block;
      }
    }
    // A transaction that failed may have dropped the oldest for events that are gone with it.
    if (!channel.may_be_cleared) {
      EXPECT_GE(kept.size() + kMostEvents / 2,
                std::min(kMostEvents, extent.next - std::min(extent.next, channel.cleared_to)))
          << name << " has lost its oldest";
    }
    EXPECT_TRUE(has_risen || extent.first >= channel.cleared_to) << name << " has what was cleared";
    if (has_risen || channel.may_be_cleared) channel.cleared_to = extent.first;
    channel.may_be_cleared = false;
    std::set<std::string> texts;
    for (const auto& [sequence, text] : kept) EXPECT_TRUE(texts.insert(text).second) << name << " has one twice";
    if (has_risen) {
      channel.acknowledged = kept;
      channel.keys.clear();
      channel.seen = kept;
      return;
    }
    for (const auto& [sequence, text] : channel.acknowledged) {
      if (sequence < extent.first) continue;
      EXPECT_EQ(kept[sequence], text) << name << ' ' << sequence << " was acknowledged";
    }
    for (const auto& [sequence, text] : channel.seen) {
      if (sequence < extent.first) continue;
      EXPECT_EQ(kept[sequence], text) << name << ' ' << sequence << " was seen";
    }
    // What was kept without being acknowledged is an event as any other from now on.
    for (const auto& [sequence, text] : kept) channel.acknowledged[sequence] = text;
    channel.seen = kept;
    std::erase_if(channel.keys, [&](const auto& entry) { return entry.second < extent.first; });
  }

  // Of what was cleared nothing is left.
  void check_rows() {
    std::uint64_t events = 0;
    for (const auto& [name, channel] : channels_) events += channel.sink->extent.next - channel.sink->extent.first;
    Database database(folder_.database(), disk_.name(), Database::Mode::kReadOnly);
    EXPECT_LE(database.integer("SELECT count(*) FROM channels"), 3);
    EXPECT_EQ(database.integer("SELECT count(*) FROM events"), static_cast<std::int64_t>(events));
  }

  void check_file() {
    if (!chance(20)) return;
    Database database(folder_.database(), disk_.name(), Database::Mode::kReadWrite);
    Statement statement(database, "PRAGMA quick_check");
    ASSERT_TRUE(statement.step());
    EXPECT_EQ(statement.bytes(0), "ok");
  }

  std::mt19937_64 random_;
  FaultyDisk disk_;
  TestFolder folder_;
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>(Engine::kStart);
  const Durability durability_;
  SqliteHistory::Options options_;
  SqliteHistory::Surroundings surroundings_;
  std::unique_ptr<SqliteHistory> history_;
  std::map<std::string, Channel> channels_;
  std::uint64_t epoch_ = 0;
  bool is_power_lost_ = false;
  int handed_in_ = 0, receipts_ = 0;
};

TEST(HistorySchedule, NothingAcknowledgedIsLostWhateverFails) {
  if (const char* const one = std::getenv("TIDINGS_SEED")) return Schedule(std::strtoull(one, nullptr, 10)).run();
  for (std::uint64_t seed = 1; seed <= kSchedules; ++seed) {
    Schedule(seed).run();
    ASSERT_FALSE(HasFailure()) << "TIDINGS_SEED=" << seed;
  }
}

}  // namespace
}  // namespace tidings
