// Memory in blocks whose sizes are powers of two, each with a head before it that knows its size. A block that is
// released waits for the next one of its size to be asked for: it is neither split nor joined with others. So for each
// size as much is taken as was ever in use at the same time, and up to half of a block is lost to rounding up. One
// thread.
#pragma once

#include <bit>
#include <cstddef>
#include <limits>

namespace tidings {

class Blocks {
 public:
  // Takes so many more bytes from the system, for good; null where there are none. They are aligned for any type. All
  // sizes are multiples of the head's, so bytes that are given in a row stay aligned.
  using TakeMore = void* (*)(std::size_t bytes);

  explicit constexpr Blocks(TakeMore take_more) : take_more_(take_more) {}
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;

  // Aligned for any type. Null where there is no memory for it.
  void* allocate(std::size_t bytes) {
    if (bytes > kMost) return nullptr;
    const int size = std::bit_width(bytes + sizeof(Head) - 1);
    Head* head = released_[size];
    if (head != nullptr) {
      released_[size] = head->next;
    } else {
      head = static_cast<Head*>(take_more_(std::size_t{1} << size));
      if (head == nullptr) return nullptr;
    }
    head->size = size;
    return head + 1;
  }

  void release(void* memory) {
    if (memory == nullptr) return;
    Head* const head = head_of(memory);
    Head*& first = released_[head->size];
    head->next = first;
    first = head;
  }

  // What fits into it: as much as was asked for, or more.
  static std::size_t capacity(void* memory) { return (std::size_t{1} << head_of(memory)->size) - sizeof(Head); }

 private:
  union alignas(std::max_align_t) Head {
    int size;    // in use: its binary logarithm, of the bytes with the head
    Head* next;  // released: the one of the same size that was released before
  };

  static constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max() / 4;
  static constexpr int kSizes = std::numeric_limits<std::size_t>::digits;

  static Head* head_of(void* memory) { return static_cast<Head*>(memory) - 1; }

  TakeMore take_more_;
  Head* released_[kSizes] = {};
};

}  // namespace tidings
