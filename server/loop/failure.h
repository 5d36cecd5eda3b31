// What an exception says, for a line of the log. Any thread.
#pragma once

#include <exception>
#include <string>

namespace tidings {

inline std::string describe(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

}  // namespace tidings
