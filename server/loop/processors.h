// On which of the machine's processors a thread runs. A plain value: one thread at a time. Source: the manual page
// sched_setaffinity(2).
#pragma once

#include <sched.h>

#include <array>
#include <cstddef>
#include <string>

namespace tidings {

class Processors {
 public:
  static constexpr unsigned kMost = 8192;  // as many as Linux knows

  // Those on which the calling thread may run.
  static Processors of_this_thread();
  // One alone, by its number from 0 on; none at all for a number of kMost or more.
  static Processors one(unsigned number);

  // From now on the calling thread runs on these alone, and so do the threads that it makes. False, and nothing has
  // changed, where it can't: the machine has none of them, or this process may not use them.
  bool take() const;
  // Such as 0-3,8; empty where there are none.
  std::string text() const;

 private:
  Processors();
  bool contains(unsigned number) const;

  std::array<cpu_set_t, kMost / CPU_SETSIZE> sets_;  // one after the other they are one large set
};

}  // namespace tidings
