#include "tidings/client_wasm/event_source/reopening.h"

#include <string_view>

#include "tidings/client_wasm/event_source/connection.h"
#include "tidings/client_wasm/event_source/reopener.h"

extern "C" {
// reopening.js: opens the browser's object. It asks the server for heartbeats, and for what comes behind the event
// `id`, where that is one.
bool tidings_reopening_open(tidings::Connection* connection, const char* url, std::size_t url_length,
                            bool with_credentials, bool asks_for_heartbeats, const char* id, std::size_t id_length);
}

namespace tidings {
namespace {

constexpr int kNotElsewhere = 3;  // a ready state: the other place is gone

using Elsewhere = bool (*)(Connection*, const char*, std::size_t, bool, double, double, const char*, std::size_t);

class ReopeningConnection final : public Connection, private Reopener {
 public:
  ReopeningConnection(std::string_view url, const Reopening& options, Elsewhere elsewhere)
      : Connection(url, options.credentials, options.last_event_id),
        Reopener(*this, options),
        elsewhere_(elsewhere),
        asks_for_heartbeats_(options.silent_after.has_value()) {
    // The ids of both are places to go on from, also where nobody else listens to them.
    want("begin");
    want("gap");
    if (asks_for_heartbeats_) want("heartbeat");
  }

  void begin() { Reopener::begin(); }

  void take_ready_state(int ready_state) override {
    if (ready_state == 2) {
      take_loss(EventSource::Reason::kRefused);
      return;
    }
    if (ready_state == kNotElsewhere) {
      renew();
      return;
    }
    if (ready_state == 1) {
      take_open();
    } else {
      take_attempt();
    }
    Connection::take_ready_state(ready_state);
  }

  void take_event(const Type& type, std::string_view data) override {
    take_sign();
    Connection::take_event(type, data);
  }

 private:
  bool open() override {
    const std::string_view id = last_event_id();
    if (elsewhere_ != nullptr && elsewhere_(this, url().data(), url().size(), has_credentials(), silent_after(),
                                            answer_within(), id.data(), id.size())) {
      return take_opened(true);
    }
    return take_opened(tidings_reopening_open(this, url().data(), url().size(), has_credentials(), asks_for_heartbeats_,
                                              id.data(), id.size()));
  }

  void drop() override { close_browsers(); }

  void shut() override {
    stop();
    drop();
  }

  Elsewhere elsewhere_;  // null: in this page
  bool asks_for_heartbeats_;
};

}  // namespace

EventSource::EventSource(std::string_view url, const Reopening& reopening) : EventSource(url, reopening, nullptr) {}

EventSource::EventSource(std::string_view url, const Reopening& reopening, Elsewhere elsewhere) {
  ReopeningConnection* const connection = new ReopeningConnection(url, reopening, elsewhere);
  source_ = connection;
  connection->begin();
}

}  // namespace tidings
