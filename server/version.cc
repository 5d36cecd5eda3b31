#include "tidings/server/version.h"

#include <liburing.h>
#include <sqlite3.h>

#include <asio/version.hpp>

#include "tidings/server/http/router.h"
#include "tidings/server/redis/redis_connection.h"

namespace tidings {
namespace {

// As Asio writes its version: 102201 is 1.22.1.
std::string dotted(int version) {
  return std::to_string(version / 100000) + '.' + std::to_string(version / 100 % 1000) + '.' +
         std::to_string(version % 100);
}

}  // namespace

std::vector<Component> built_with() {
#ifdef __clang__
  const std::string compiler = __VERSION__;
#else
  const std::string compiler = "g++ " __VERSION__;
#endif
#ifdef IO_URING_VERSION_MAJOR
  const std::string liburing = std::to_string(IO_URING_VERSION_MAJOR) + '.' + std::to_string(IO_URING_VERSION_MINOR);
#else
  const std::string liburing = "before 2.4";  // which was the first to say
#endif
  return {{"compiler", "", compiler},
          {"httplib", "cpp-httplib", std::string(httplib_version())},
          {"asio", "Asio", dotted(ASIO_VERSION)},
          {"sqlite", "SQLite", SQLITE_VERSION},
          {"liburing", "liburing", liburing},
          {"hiredis", "hiredis", hiredis_version()}};
}

}  // namespace tidings
