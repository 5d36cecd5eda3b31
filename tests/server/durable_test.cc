// The program that keeps its history in a folder: killed at any moment, stopped while it is published to, and started
// on folders that it can't use. A failure prints its seed; TIDINGS_SEED=N begins with that one.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tidings/bench/rivals/server_process.h"
#include "tidings/tests/server/client.h"

namespace tidings {
namespace {

constexpr const char* kProgram = "server/server";
constexpr int kPublishers = 4, kMostOfEach = 2000, kKills = 8;

// One request of a publisher. It is sent with its data as its key, or without one.
struct Publication {
  std::string data;
  bool has_key = false;
  std::string id;  // empty: it was not answered, or not with 200
};

std::string post(const std::string& data, const std::string& key = "", const std::string& target = "/channels/demo") {
  std::string request = "POST " + target + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer secret\r\n";
  if (!key.empty()) request += "Idempotency-Key: " + key + "\r\n";
  return request + "Content-Length: " + std::to_string(data.size()) + "\r\n\r\n" + data;
}

std::string post(const Publication& publication) {
  return post(publication.data, publication.has_key ? publication.data : "");
}

// Of the body {"id":"E-7"}.
std::string id_in(const ClientResponse& response) {
  const std::size_t start = response.body.find(":\"");
  return response.status == 200 && start != response.body.npos
             ? response.body.substr(start + 2, response.body.rfind('"') - start - 2)
             : "";
}

std::string epoch_of(const std::string& id) { return id.substr(0, id.find('-')); }
std::uint64_t sequence_of(const std::string& id) { return std::strtoull(id.c_str() + id.find('-') + 1, nullptr, 10); }

enum class Moment { kSent, kAcknowledged, kSeen };

struct Ended {
  int code = -1;
  std::string errors;
};

Ended run(const std::string& arguments) {
  Ended ended;
  std::FILE* pipe = popen((std::string(kProgram) + " --port 0 " + arguments + " 2>&1 >/dev/null").c_str(), "r");
  char bytes[4096];
  while (const std::size_t count = std::fread(bytes, 1, sizeof bytes, pipe)) ended.errors.append(bytes, count);
  const int status = pclose(pipe);
  if (WIFEXITED(status)) ended.code = WEXITSTATUS(status);
  return ended;
}

class DurableTest : public testing::Test {
 protected:
  DurableTest()
      : folder_(std::filesystem::path(testing::TempDir()) /
                testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~DurableTest() override { std::filesystem::remove_all(folder_); }

  bench::ServerProcess start(const std::vector<std::string>& more = {}) {
    std::vector<std::string> flags{"--port",       "0",         "--data_dir",         folder_.string(),
                                   "--durability", durability_, "--publish_token",    "secret",
                                   "--log_level",  "error",     "--shutdown_delay_s", "0"};
    flags.insert(flags.end(), more.begin(), more.end());
    return {kProgram, flags};
  }

  static ClientResponse ask(const bench::ServerProcess& server, std::string_view request) {
    Client client(server.port());
    client.send(request);
    return client.response();
  }
  static std::string publish(const bench::ServerProcess& server, const std::string& data, bool has_key = false) {
    return id_in(ask(server, post(data, has_key ? data : "")));
  }

  // Follows the channel from behind this id, or from now on.
  static Client follow(const bench::ServerProcess& server, const std::string& after = "") {
    Client client(server.port());
    client.send(get("/channels/demo" + (after.empty() ? "" : "?last_event_id=" + after)));
    EXPECT_EQ(client.head().status, 200);
    return client;
  }
  // The events behind this one, the last one included.
  static std::vector<ClientEvent> read(const bench::ServerProcess& server, const std::string& after,
                                       const std::string& last) {
    Client client = follow(server, after);
    std::vector<ClientEvent> events;
    while (events.empty() || events.back().last_event_id != last) {
      const auto event = client.event();
      if (!event) {
        ADD_FAILURE() << "the stream behind " << after << " has ended before " << last;
        break;
      }
      events.push_back(*event);
    }
    return events;
  }

  // Publishes from several threads and follows meanwhile, until the server answers no more. `tell` is called at each
  // moment, by any of the threads.
  void publish_until_the_end(const bench::ServerProcess& server, const std::string& name,
                             const std::function<void(Moment)>& tell) {
    Client follower = follow(server, last_seen_);
    if (first_.empty()) {  // its place is where `begin` says, which comes once the history has opened the channel
      const ClientEvent begin = follower.event().value_or(ClientEvent{});
      ASSERT_EQ(begin.type, "begin");
      first_ = last_seen_ = begin.last_event_id;
    }
    std::vector<std::vector<Publication>> published(kPublishers);
    std::vector<Client> clients;
    for (int i = 0; i < kPublishers; ++i) clients.emplace_back(server.port());
    std::vector<std::thread> threads;
    for (int i = 0; i < kPublishers; ++i) {
      threads.emplace_back([&, i] {
        Client& client = clients[i];
        for (int number = 0; number < kMostOfEach; ++number) {
          Publication& publication = published[i].emplace_back(
              Publication{name + '.' + std::to_string(i) + '.' + std::to_string(number), i % 2 == 0, {}});
          client.send(post(publication));
          tell(Moment::kSent);
          const ClientResponse response = client.response();
          publication.id = id_in(response);
          if (publication.id.empty()) {
            EXPECT_TRUE(response.status == 503 || (response.status == 0 && client.is_ended())) << response.status;
            return;
          }
          tell(Moment::kAcknowledged);
        }
      });
    }
    while (const auto event = follower.event()) {
      EXPECT_EQ(event->type, "message") << event->data;
      seen_.push_back(*event);
      last_seen_ = event->last_event_id;
      tell(Moment::kSeen);
    }
    for (std::thread& thread : threads) thread.join();
    for (const auto& each : published) published_.insert(published_.end(), each.begin(), each.end());
  }

  // What was sent with a key and not answered is sent again, as a publisher does.
  void send_unanswered_again(const bench::ServerProcess& server) {
    for (Publication& each : published_) {
      if (!each.has_key || !each.id.empty()) continue;
      each.id = publish(server, each.data, true);
      EXPECT_NE(each.id, "") << each.data;
    }
  }

  // Compares all that is kept with what was published, and what the follower has seen and sees when it comes back.
  void expect_all_is_there_once(const bench::ServerProcess& server) {
    const std::string mark = publish(server, "mark");
    published_.push_back({"mark", false, mark});
    const std::vector<ClientEvent> all = read(server, first_, mark);
    std::map<std::string, std::vector<std::string>> ids;
    std::uint64_t next = sequence_of(first_) + 1;
    for (const ClientEvent& event : all) {
      ASSERT_EQ(event.type, "message") << event.data;
      ASSERT_EQ(event.last_event_id, epoch_of(first_) + '-' + std::to_string(next++));
      ids[event.data].push_back(event.last_event_id);
    }
    for (const Publication& each : published_) {
      const std::vector<std::string>& found = ids[each.data];
      if (each.data == "mark") {
        EXPECT_EQ(std::count(found.begin(), found.end(), each.id), 1) << each.id;
      } else if (each.id.empty()) {
        EXPECT_LE(found.size(), 1u) << each.data;
      } else {
        EXPECT_EQ(found, std::vector<std::string>{each.id}) << each.data;
      }
    }
    const std::vector<ClientEvent> more = read(server, last_seen_, mark);
    seen_.insert(seen_.end(), more.begin(), more.end());
    last_seen_ = mark;
    EXPECT_TRUE(seen_ == all) << "the follower has had " << seen_.size() << " events of " << all.size();
  }

  void kill_at_any_moment() {
    std::uint64_t seed = 1;
    if (const char* const given = std::getenv("TIDINGS_SEED")) seed = std::strtoull(given, nullptr, 10);
    for (const std::uint64_t end = seed + kKills; seed < end && !HasFatalFailure(); ++seed) {
      SCOPED_TRACE("TIDINGS_SEED=" + std::to_string(seed));
      std::mt19937_64 random(seed);
      const auto awaited = static_cast<Moment>(random() % 3);
      std::atomic<int> left = 1 + static_cast<int>(random() % 200);
      bench::ServerProcess server = start();
      publish_until_the_end(server, std::to_string(seed), [&](Moment moment) {
        if (moment == awaited && --left == 0) kill(server.process(), SIGKILL);
      });
      EXPECT_LE(left, 0) << "it ended before it was killed";
      server.stop(SIGKILL);
      bench::ServerProcess again = start();
      send_unanswered_again(again);
      expect_all_is_there_once(again);
      again.stop(SIGKILL);
    }
  }

  const std::filesystem::path folder_;
  std::string durability_ = "process";
  std::string first_;      // the id of where the channel began
  std::string last_seen_;  // the follower's last id
  std::vector<ClientEvent> seen_;
  std::vector<Publication> published_;
};

TEST_F(DurableTest, WhatWasAcknowledgedOrSeenBeforeAKillIsThereOnceAndInOrder) { kill_at_any_moment(); }

TEST_F(DurableTest, WhatWasAcknowledgedOrSeenBeforeAKillIsThereOnceAndInOrderAlsoWherePowerMayFail) {
  durability_ = "power";
  kill_at_any_moment();
}

TEST_F(DurableTest, AKeyThatComesAgainAfterARestartGetsItsIdAndPublishesNothing) {
  std::string id, next;
  {
    bench::ServerProcess server = start();
    id = publish(server, "once", true);
    next = publish(server, "next", true);
    server.stop(SIGKILL);
  }
  bench::ServerProcess server = start();
  EXPECT_NE(id, "");
  EXPECT_EQ(publish(server, "once", true), id);
  const std::string last = publish(server, "last");
  EXPECT_EQ(read(server, id, last), (std::vector<ClientEvent>{{"message", "next", next}, {"message", "last", last}}));
}

TEST_F(DurableTest, AKeyThatComesAgainWithAnotherEventIsA422AlsoAfterARestart) {
  const auto expect_taken = [](const bench::ServerProcess& server) {
    for (const std::string& again : {post("another", "key"), post("once", "key", "/channels/demo?event=typed")}) {
      const ClientResponse response = ask(server, again);
      EXPECT_EQ(response.status, 422);
      EXPECT_EQ(response.headers.at("content-type"), "application/problem+json");
      EXPECT_NE(response.body.find("Idempotency-Key"), std::string::npos) << response.body;
    }
  };
  std::string id;
  {
    bench::ServerProcess server = start();
    id = id_in(ask(server, post("once", "key")));
    EXPECT_NE(id, "");
    expect_taken(server);
    server.stop(SIGKILL);
  }
  bench::ServerProcess server = start();
  expect_taken(server);
  EXPECT_EQ(id_in(ask(server, post("once", "key"))), id);
  bench::ServerProcess in_memory(kProgram, {"--port", "0", "--publish_token", "secret", "--log_level", "error"});
  EXPECT_NE(id_in(ask(in_memory, post("once", "key"))), "");
  expect_taken(in_memory);
}

TEST_F(DurableTest, WhatWasDeletedIsGoneAfterAKillAndIdsGoOnBehindIt) {
  const std::string token = folder_.string() + "_admin";
  std::ofstream(token) << "root";
  const auto by_admin = [](std::string_view line) {
    return std::string(line) + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer root\r\n\r\n";
  };
  std::string old, told;
  {
    bench::ServerProcess server = start({"--admin_token_file", token});
    publish(server, "one", true);
    old = publish(server, "two", true);
    Client live = follow(server);
    EXPECT_EQ(live.event().value_or(ClientEvent{}).type, "begin");
    EXPECT_EQ(ask(server, by_admin("DELETE /channels/demo")).status, 204);
    const ClientEvent gap = live.event().value_or(ClientEvent{});
    EXPECT_EQ(gap.type, "gap");
    told = gap.last_event_id;
    server.stop(SIGKILL);
  }
  bench::ServerProcess server = start({"--admin_token_file", token});
  const std::string list = ask(server, by_admin("GET /channels")).body;
  EXPECT_TRUE(list.starts_with(R"({"channels":[{"name":"demo","subscribers":0,"first":null,"next":")")) << list;
  EXPECT_EQ(ask(server, by_admin("DELETE /channels/demo")).status, 404);
  const std::string next = publish(server, "one", true);
  EXPECT_EQ(epoch_of(next), epoch_of(old));
  EXPECT_EQ(sequence_of(next), sequence_of(old) + 2);
  EXPECT_EQ(read(server, told, next), (std::vector<ClientEvent>{{"message", "one", next}}));
  const std::vector<ClientEvent> late = read(server, old, next);
  ASSERT_EQ(late.size(), 2u);
  EXPECT_EQ(late[0].type, "gap");
  EXPECT_EQ(late[0].last_event_id, told);
  std::filesystem::remove(token);
}

TEST_F(DurableTest, StoppedWhilePublishedToItAnswersOrClosesAndKeepsWhatItAnswered) {
  bench::ServerProcess server = start();
  std::atomic<int> left = 100;
  publish_until_the_end(server, "stopped", [&](Moment moment) {
    if (moment == Moment::kAcknowledged && --left == 0) kill(server.process(), SIGTERM);
  });
  EXPECT_LE(left, 0);
  EXPECT_TRUE(server.stop(0)) << "without another signal";
  bench::ServerProcess again = start();
  send_unanswered_again(again);
  expect_all_is_there_once(again);
  EXPECT_TRUE(again.stop(SIGINT));
}

TEST_F(DurableTest, AFolderThatItCannotUseIsASentenceWithItsNameAndExitCode1) {
  bench::ServerProcess server = start();
  EXPECT_NE(publish(server, "before"), "");
  const std::string letter(5000, 'x');
  const std::filesystem::path other = folder_ / "other";
  std::filesystem::create_directories(other);
  std::ofstream(other / "history.db") << letter;
  for (const std::filesystem::path& folder : {folder_, folder_ / "none", other, other / "history.db"}) {
    const Ended ended = run("--data_dir '" + folder.string() + "'");
    EXPECT_EQ(ended.code, 1) << folder;
    EXPECT_NE(ended.errors.find(folder.string()), std::string::npos) << ended.errors;
    EXPECT_EQ(std::count(ended.errors.begin(), ended.errors.end(), '\n'), 1) << ended.errors;
  }
  std::ifstream file(other / "history.db");
  EXPECT_TRUE(std::string(std::istreambuf_iterator<char>(file), {}) == letter) << "somebody else's file was written to";
  EXPECT_FALSE(std::filesystem::exists(folder_ / "none"));
  EXPECT_NE(publish(server, "after"), "");
  EXPECT_TRUE(server.stop());
}

TEST_F(DurableTest, WhereAllIsWellItIsReadyAndItsHistoryHasNoTrouble) {
  bench::ServerProcess server = start();
  EXPECT_NE(publish(server, "x"), "");
  EXPECT_EQ(ask(server, get("/readyz")).body, "ready\n");
  EXPECT_NE(ask(server, get("/metrics")).body.find("\ntidings_history_trouble 0\n"), std::string::npos);
}

}  // namespace
}  // namespace tidings
