// Loops that have processors of their own: each runs on its own, and no other thread does because of it.
#include <gtest/gtest.h>
#include <sched.h>

#include <cstddef>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tidings/server/awaiting/on_worker.h"
#include "tidings/server/http/answer.h"
#include "tidings/server/loop/processors.h"
#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

// Where this thread may run.
std::string here() { return Processors::of_this_thread().text(); }

EventStream places(Loop& loop) {
  const std::string own = here();
  co_yield Event("loop", own);
  const std::string worker = co_await on_worker(loop, here);
  co_yield Event("worker", worker);
}

void add_routes(Server& server) {
  server.stream("/places", [](const Request&, Loop& loop) { return places(loop); });
  server.get("/place", [](const Request&) { return Answer{.body = here()}; });
}

std::string next(Client& client) { return client.event().value_or(ClientEvent{}).data; }

// Some of those on which a thread of this process may run, one at least.
std::vector<unsigned> some(std::size_t most) {
  std::vector<unsigned> numbers;
  for (unsigned number = 0; number < Processors::kMost && numbers.size() < most; ++number) {
    std::thread([&] {
      if (Processors::one(number).take()) numbers.push_back(number);
    }).join();
  }
  return numbers;
}

TEST(PinnedLoops, ALoopRunsOnItsProcessorAndWorkersWhereTheServerWasMade) {
  const unsigned last = some(2).back();
  const RunningServer running(add_routes, {.threads = 1, .processors = {last}});
  Client client = running.open("/places");
  EXPECT_EQ(client.head().status, 200);
  EXPECT_EQ(next(client), std::to_string(last));
  EXPECT_EQ(next(client), here());
  EXPECT_EQ(running.open("/place").response().body, here());
}

TEST(PinnedLoops, MoreLoopsThanProcessorsGoAroundAgain) {
  const std::vector<unsigned> two = some(2);
  const RunningServer running(add_routes, {.threads = 3, .processors = two});
  std::set<std::string> wanted, seen;
  for (const unsigned number : two) wanted.insert(std::to_string(number));
  for (int i = 0; i < 6; ++i) {
    Client client = running.open("/places");
    client.head();
    seen.insert(next(client));
  }
  EXPECT_EQ(seen, wanted);
}

TEST(PinnedLoops, WhoCallsRunIsThereOnlyMeanwhile) {
  std::thread([] {
    const std::string before = here();
    std::string meanwhile;
    Server server({.port = 0, .threads = 1, .processors = {some(2).back()}, .on_stop = [&] { meanwhile = here(); }});
    server.stop();
    server.run();
    EXPECT_EQ(meanwhile, std::to_string(some(2).back()));
    EXPECT_EQ(here(), before);
  }).join();
}

}  // namespace
}  // namespace tidings
