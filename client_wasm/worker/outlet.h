// The way of messages from a dedicated worker to its page, in batches: a page that is idle gets each one as it comes,
// and one that is busy gets what has gathered meanwhile when it asks. A batch is an array of { type, data, lastEventId,
// origin }; the page asks for the next one by the message "next":
//   worker.onmessage = ({ data: batch }) => { batch.forEach(show); worker.postMessage("next"); };
// What waits for a page that does not ask is bounded as an Inbox is (inbox.h). Source: WHATWG HTML, section "Dedicated
// workers and the DedicatedWorkerGlobalScope interface". A program has one. The worker has one thread.
#pragma once

#include <string_view>
#include <utility>

#include "tidings/client_wasm/base/callback.h"
#include "tidings/client_wasm/event_source/event_source.h"
#include "tidings/client_wasm/event_source/inbox.h"

namespace tidings {

class Outlet {
 public:
  explicit Outlet(Inbox::Limits limits = {});
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;

  // Sends it, or has it wait; of those with the same key that wait the latest wins, but for the empty key.
  void put(const MessageView& message, std::string_view key = {});

  Inbox::Counts counts() const { return inbox_.counts(); }
  // Calls back when all that waited is sent: whoever has paused its stream for the page goes on.
  void on_room(Callback<void()> callback) { on_room_ = std::move(callback); }

  void take_request();  // for JavaScript: the page asks

 private:
  void send();

  Inbox inbox_;
  Callback<void()> on_room_;
  bool is_asked_ = true;  // the page is done with the last batch
};

}  // namespace tidings
