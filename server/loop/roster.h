// Members that each know their index among the others, so that coming and going cost the same however many there are.
// In no order. One thread.
#pragma once

#include <cstddef>
#include <vector>

namespace tidings {

// `index` is where a member keeps its index for the roster.
template <class Member, std::size_t Member::*index>
class Roster {
 public:
  bool empty() const { return members_.empty(); }
  std::size_t size() const { return members_.size(); }
  Member& operator[](std::size_t at) const { return *members_[at]; }

  // A member stays where it is in memory until it is removed.
  void add(Member& member) {
    member.*index = members_.size();
    members_.push_back(&member);
  }

  // The last one takes its index, so whoever goes from the last to the first meets all that stay, whoever leaves
  // meanwhile; one of them twice when another leaves that has not been met.
  void remove(Member& member) {
    Member* const last = members_.back();
    members_[member.*index] = last;
    last->*index = member.*index;
    members_.pop_back();
  }

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
