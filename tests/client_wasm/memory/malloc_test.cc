// A page's malloc as the program's own: all that the test and GoogleTest allocate comes from it.
#include <emscripten/heap.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>

// The C++ library with exceptions, which GoogleTest has, names it. Nothing here calls it.
extern "C" int posix_memalign(void**, std::size_t, std::size_t) { return ENOMEM; }

namespace {

// The compiler knows these functions, and would take away calls that it sees to come to nothing.
template <typename Function>
Function* opaque(Function* function) {
  Function* volatile result = function;
  return result;
}

TEST(Malloc, ReallocKeepsWhatWasThere) {
  char* text = static_cast<char*>(opaque(std::realloc)(nullptr, 3));
  std::strcpy(text, "ab");
  for (const std::size_t bytes : {16u, 17u, 1'000u, 100'000u, 3'000'000u}) {
    text = static_cast<char*>(opaque(std::realloc)(text, bytes));
    ASSERT_NE(text, nullptr);
    EXPECT_STREQ(text, "ab");
    std::memset(text + 3, 'x', bytes - 3);
  }
  EXPECT_EQ(opaque(std::realloc)(text, 3), text) << "what fits stays";
  EXPECT_EQ(opaque(std::realloc)(text, std::numeric_limits<std::size_t>::max()), nullptr);
  EXPECT_STREQ(text, "ab") << "and is there still";
  opaque(std::free)(text);
}

TEST(Malloc, CallocIsZeroAlsoWhereABlockWasInUseAndItsSizeDoesNotWrap) {
  for (int i = 0; i < 2; ++i) {
    char* const block = static_cast<char*>(opaque(std::calloc)(10, 10));
    for (int at = 0; at < 100; ++at) ASSERT_EQ(block[at], 0);
    std::memset(block, 'x', 100);
    opaque(std::free)(block);
  }
  EXPECT_EQ(opaque(std::calloc)(0x10000, 0x10001), nullptr);
  opaque(std::free)(opaque(std::calloc)(5, 0));
}

TEST(Malloc, TheMemoryGrowsByWhatIsAskedForAndWhatIsReleasedIsUsedAgain) {
  const std::size_t before = emscripten_get_heap_size();
  const std::string large(20'000'000, 'x');
  const std::size_t grown = emscripten_get_heap_size();
  EXPECT_GE(grown, before + large.size());
  for (int i = 0; i < 100'000; ++i) {
    const std::string text(1 + i % 5'000, 'y');
    ASSERT_EQ(text.back(), 'y');
  }
  EXPECT_LT(emscripten_get_heap_size(), grown + 1'000'000);
  EXPECT_EQ(large.find_first_not_of('x'), std::string::npos);
}

TEST(Malloc, MoreThanThereCanBeIsNone) {
  for (const std::size_t bytes : {0x3FFF'FFFFu, 0x4000'0000u, 0xFFFF'FFFFu}) {
    void* const block = opaque(std::malloc)(bytes);
    if (bytes != 0x3FFF'FFFFu) {
      EXPECT_EQ(block, nullptr) << bytes;
    }
    opaque(std::free)(block);
  }
  EXPECT_EQ(std::string(100, 'z').size(), 100u) << "and it goes on";
}

}  // namespace
