#include "tidings/tests/client_wasm/fake_browser.h"

#include <algorithm>
#include <utility>

extern "C" {
// The client's entries.
char* tidings_text(std::size_t size);
void tidings_event_source_state(tidings::Connection* connection, int ready_state);
void tidings_event_source_origin(tidings::Connection* connection, char* origin, std::size_t length);
void tidings_event_source_event(tidings::Connection* connection, const tidings::MessageSource::Type* type, char* data,
                                std::size_t length);
void tidings_event_source_id(tidings::Connection* connection, char* id, std::size_t length);
void tidings_timer_due(tidings::Timer* timer);
void tidings_wake(bool is_asleep);
}

namespace tidings {
namespace {

FakeBrowser* browser = nullptr;

FakeSource* find(Connection* connection) {
  const auto found = std::find_if(browser->sources.begin(), browser->sources.end(),
                                  [&](const FakeSource& source) { return source.connection == connection; });
  return found == browser->sources.end() ? nullptr : &*found;
}

char* put(std::string_view text) {
  char* const at = tidings_text(text.size());
  std::copy(text.begin(), text.end(), at);
  return at;
}

}  // namespace

FakeBrowser::FakeBrowser(unsigned seed) : random(seed) { browser = this; }
FakeBrowser::~FakeBrowser() { browser = nullptr; }

void FakeBrowser::become(FakeSource& source, int ready_state) {
  source.ready_state = ready_state;
  const int before = std::exchange(tab, source.tab);
  tidings_event_source_state(source.connection, ready_state);
  tab = before;
}

void FakeBrowser::dispatch(FakeSource& source, std::string_view type, std::string_view data, std::string_view id) {
  if (!id.empty()) source.last_event_id = id;
  const auto found =
      std::find_if(source.types.begin(), source.types.end(), [&](const auto& entry) { return entry.second == type; });
  if (found == source.types.end()) return;
  constexpr std::string_view kOrigin = "https://example.org";
  tidings_event_source_origin(source.connection, put(kOrigin), kOrigin.size());
  source.heard_id = source.last_event_id;
  const int before = std::exchange(tab, source.tab);
  tidings_event_source_event(source.connection, found->first, put(data), data.size());
  tab = before;
}

void FakeBrowser::advance(double milliseconds) {
  const double end = now + milliseconds;
  for (;;) {
    const auto next = std::min_element(timers_.begin(), timers_.end(),
                                       [](const auto& a, const auto& b) { return a.second.due < b.second.due; });
    if (next == timers_.end() || next->second.due > end) break;
    Timer* const timer = next->first;
    const Pending pending = next->second;
    timers_.erase(next);
    now = std::max(now, pending.due);
    const int before = std::exchange(tab, pending.tab);
    tidings_timer_due(timer);
    tab = before;
  }
  now = end;
}

void FakeBrowser::set_back(double milliseconds) {
  now -= milliseconds;
  for (auto& [timer, pending] : timers_) pending.due -= milliseconds;
}

bool FakeBrowser::advance_to_next_timer() {
  if (timers_.empty()) return false;
  double due = timers_.begin()->second.due;
  for (const auto& [timer, pending] : timers_) due = std::min(due, pending.due);
  advance(std::max(0.0, due - now));
  return true;
}

void FakeBrowser::wake(bool is_asleep) {
  if (wake_watches > 0) tidings_wake(is_asleep);
}

}  // namespace tidings

using tidings::browser;

extern "C" {

bool tidings_event_source_open(tidings::Connection* connection, const char* url, std::size_t url_length,
                               bool with_credentials) {
  if (!browser->can_open) return false;
  browser->sources.push_back({connection, browser->tab, std::string(url, url_length), with_credentials});
  ++browser->opened;
  return true;
}

bool tidings_reopening_open(tidings::Connection* connection, const char* url, std::size_t url_length,
                            bool with_credentials, bool asks_for_heartbeats, const char* id, std::size_t id_length) {
  if (!tidings_event_source_open(connection, url, url_length, with_credentials)) return false;
  browser->source().asks_for_heartbeats = asks_for_heartbeats;
  browser->source().begins_after = std::string(id, id_length);
  return true;
}

void tidings_event_source_listen(tidings::Connection* connection, const tidings::MessageSource::Type* type,
                                 const char* name, std::size_t name_length) {
  tidings::find(connection)->types[type] = std::string(name, name_length);
}

void tidings_event_source_unlisten(tidings::Connection* connection, const tidings::MessageSource::Type* type,
                                   const char*, std::size_t) {
  tidings::find(connection)->types.erase(type);
}

void tidings_event_source_tell_id(tidings::Connection* connection) {
  const std::string& id = tidings::find(connection)->heard_id;
  tidings_event_source_id(connection, tidings::put(id), id.size());
}

void tidings_event_source_close(tidings::Connection* connection) {
  browser->sources.remove_if([&](const tidings::FakeSource& source) { return source.connection == connection; });
}

double tidings_now() { return browser->now; }
double tidings_random() { return std::uniform_real_distribution<double>(0, 1)(browser->random); }

void tidings_timer_start(tidings::Timer* timer, double milliseconds) {
  browser->timers_[timer] = {browser->now + milliseconds, browser->tab};
  browser->waits.push_back(milliseconds);
}
void tidings_timer_stop(tidings::Timer* timer) { browser->timers_.erase(timer); }

void tidings_wake_watch(bool is_on) { browser->wake_watches += is_on ? 1 : -1; }
}
