// A set of members, in no order, each of which keeps its index here, so that to add or to remove one costs the same
// however many there are. It owns none of them. One thread.
#pragma once

#include <cstddef>
#include <vector>

namespace tidings {

// `index` is the data member in which a member keeps its index; the roster alone uses it.
template <class Member, std::size_t Member::*index>
class Roster {
 public:
  bool empty() const { return members_.empty(); }
  std::size_t size() const { return members_.size(); }
  Member& operator[](std::size_t at) const { return *members_[at]; }

  // The member must not move in memory until it is removed.
  void add(Member& member) {
    member.*index = members_.size();
    members_.push_back(&member);
  }

  // The last member takes the index of the one that leaves. So members may leave while the roster is visited from its
  // end: nobody who stays is skipped, but one may be visited twice.
  void remove(Member& member) {
    Member* const last = members_.back();
    members_[member.*index] = last;
    last->*index = member.*index;
    members_.pop_back();
  }

  // Visits the members from the roster's end. `visit` may remove any of them.
  template <class Visit>
  void for_each(Visit visit) {
    for (std::size_t at = members_.size(); at > 0;) {
      if (--at < members_.size()) visit(*members_[at]);
    }
  }

 private:
  std::vector<Member*> members_;
};

}  // namespace tidings
