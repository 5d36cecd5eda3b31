// A browser for the client's logic, in C++ so that the tests run natively under sanitizers as well as under wasm: its
// EventSource objects open, drop, fail and dispatch when told, its clock stands until it is moved, its random numbers
// have a seed. It takes the place of client_wasm/{event_source/{event_source,reopening},base/{timer,wake}}.js. There
// may be several tabs; what a tab has made calls back with that tab as the current one. One thread.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/client_wasm/base/timer.h"
#include "tidings/client_wasm/event_source/connection.h"

namespace tidings {

// One of the browser's EventSource objects.
struct FakeSource {
  Connection* connection;
  int tab;
  std::string url;
  bool with_credentials;
  bool asks_for_heartbeats = false;  // this and the next by parameters of its URL
  std::string begins_after = {};     // the id of an event
  int ready_state = 0;
  std::string last_event_id = {};  // the object's own, which it would send as Last-Event-ID
  std::string heard_id = {};       // of the latest event that a listener has had
  std::map<const MessageSource::Type*, std::string> types = {};
};

class FakeBrowser {
 public:
  explicit FakeBrowser(unsigned seed = 1);
  ~FakeBrowser();

  // The sources that are not closed, the oldest first.
  std::list<FakeSource> sources;
  int opened = 0;  // in all
  bool can_open = true;
  int tab = 0;  // the current one
  double now = 1'000'000;
  std::mt19937 random;
  std::vector<double> waits;  // of the timers that were started
  int wake_watches = 0;       // 1 while someone wants to know

  FakeSource& source() { return sources.back(); }

  // As the browser does: sets readyState, then fires `open` or `error`. A source that has failed is closed to the
  // browser, and stays until the client lets go of it.
  void become(FakeSource& source, int ready_state);
  void open(FakeSource& source) { become(source, 1); }
  void drop(FakeSource& source) { become(source, 0); }
  void fail(FakeSource& source) { become(source, 2); }
  // An event without an id of its own has the source's last one.
  void dispatch(FakeSource& source, std::string_view type, std::string_view data, std::string_view id = {});

  std::size_t timers() const { return timers_.size(); }
  // Moves the clock; timers come due on the way, in their order.
  void advance(double milliseconds);
  // Somebody sets the clock back; timers go by another one.
  void set_back(double milliseconds);
  // When the next timer is due; false where there is none.
  bool advance_to_next_timer();
  void wake(bool is_asleep = false);

  struct Pending {
    double due;
    int tab;
  };
  std::map<Timer*, Pending> timers_;  // for the fake's functions
};

}  // namespace tidings
