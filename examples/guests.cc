// Channels for those who have signed in: a cookie says who somebody is, and this program which channels are theirs, for
// a quarter of an hour; then their browsers come back and are asked again.
//
//   bazel run //examples:guests
//   curl -c jar -d ada http://localhost:9009/sign_in        then: curl -b jar -N
//   http://localhost:9009/channels/rooms.ada
#include <sys/random.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "tidings/server/program.h"

using namespace std::chrono_literals;

class Guests {
 public:
  // Takes anybody at their word; returns a key that nobody guesses.
  std::string sign_in(const std::string& name) {
    std::uint64_t random[2];
    if (getentropy(random, sizeof random) != 0) throw tidings::Refusal(503, "Try again shortly.");
    const std::string key = std::to_string(random[0]) + '.' + std::to_string(random[1]);
    const std::lock_guard lock(mutex_);
    names_[key] = name;
    return key;
  }
  std::optional<std::string> name_of(std::string_view key) const {
    const std::lock_guard lock(mutex_);
    const auto found = names_.find(key);
    return found == names_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> names_;
};

tidings::Grant what_guests_may(const Guests& guests, const tidings::Request& request) {
  const auto name = guests.name_of(request.cookie("guest").value_or(""));
  if (!name) throw tidings::Refusal(401, "Sign in first: POST a name to /sign_in.");
  const auto until = std::chrono::system_clock::now() + 15min;
  return {.read = {"news", "rooms.*"}, .publish = {"rooms." + *name}, .until = until};
}

int main(int argc, char** argv) {
  Guests guests;
  return tidings::run_program(argc, argv, [&guests](tidings::Server& server) {
    const tidings::Authorizer may = [&guests](const tidings::Request& request) {
      return what_guests_may(guests, request);
    };
    server.serve_channels({}, {.read = may, .publish = may});
    server.post("/sign_in", [&guests](const tidings::Request& request) {
      const std::string cookie = "guest=" + guests.sign_in(request.body) + "; HttpOnly; SameSite=Strict; Path=/";
      return tidings::Answer{.status = 204, .body = {}, .headers = {{"Set-Cookie", cookie}}};
    });
  });
}
