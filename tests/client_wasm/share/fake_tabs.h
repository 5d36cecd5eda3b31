// Several tabs of one browser in one process: its locks and its BroadcastChannels, in place of
// client_wasm/share/share.js. What a tab posts reaches each other one in its order, and at any time that the test
// chooses; so is a lock granted. A tab is the SharedStream that it holds. One thread.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tidings/client_wasm/share/shared_stream.h"

namespace tidings {

class FakeTabs {
 public:
  FakeTabs();
  ~FakeTabs();

  bool can_share = true;            // whether streams that are made from now on find locks and channels
  std::vector<SharedStream*> tabs;  // those that are on the channel, in the order of their coming
  SharedStream* newest() const { return tabs.back(); }
  SharedStream* holder() const { return is_granted_ ? waiting_.front() : nullptr; }

  // Grants the lock to the first that waits, if nobody has it.
  bool grant();
  // Takes the lock from whoever has it, for a moment.
  void steal();
  // Delivers one message of those that may come next: the first that is on its way from one tab to another is one.
  bool deliver(std::size_t which);
  std::size_t deliverable() const;
  // Everything that is on its way, what that leads to included, in the order of its posting.
  void settle();
  void post_to(SharedStream* tab, std::string_view bytes);

  struct Letter {
    SharedStream* from;
    SharedStream* to;
    std::string bytes;
  };
  void open(SharedStream* tab) {
    tabs.push_back(tab);
    waiting_.push_back(tab);
  }
  void post(SharedStream* from, std::string_view bytes);
  void close(SharedStream* tab);
  int posted = 0;

 private:
  bool is_next(std::size_t index) const;
  std::deque<Letter> letters_;
  std::deque<SharedStream*> waiting_;  // for the lock; the first has it where it is granted
  bool is_granted_ = false;
};

}  // namespace tidings
