// Says what is missing before a compiler does: coroutines and more of C++20. First in what users include.
#pragma once

#if __cplusplus < 202002L
#error "Tidings is C++20: compile with -std=c++20 (for Bazel a line in .bazelrc: build --cxxopt=-std=c++20)"
#endif
