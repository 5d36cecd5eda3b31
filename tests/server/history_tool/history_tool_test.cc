// The whole program beside a server that is published to, and on folders that it can't use.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include "tidings/bench/rivals/server_process.h"
#include "tidings/server/disk/sqlite.h"
#include "tidings/tests/server/client.h"

namespace tidings {
namespace {

namespace fs = std::filesystem;

struct Ended {
  int code = -1;
  std::string output;
};

// Its errors are in the output, too.
Ended run(const std::string& arguments) {
  Ended ended;
  std::FILE* const pipe = popen(("server/history_tool/history_tool " + arguments + " 2>&1").c_str(), "r");
  char bytes[4096];
  while (const std::size_t count = std::fread(bytes, 1, sizeof bytes, pipe)) ended.output.append(bytes, count);
  const int status = pclose(pipe);
  if (WIFEXITED(status)) ended.code = WEXITSTATUS(status);
  return ended;
}

class HistoryToolTest : public testing::Test {
 protected:
  HistoryToolTest()
      : folder_(fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name()),
        data_(folder_ / "data") {
    fs::remove_all(folder_);
    fs::create_directories(data_);
  }
  ~HistoryToolTest() override { fs::remove_all(folder_); }

  static bench::ServerProcess start(const fs::path& data, const std::string& events = "1000000") {
    return {"server/server",
            {"--port", "0", "--data_dir", data.string(), "--publish_token", "secret", "--shutdown_delay_s", "0",
             "--log_level", "error", "--history_events", events}};
  }
  static ClientResponse publish(Client& client, const std::string& channel, const std::string& data) {
    client.send("POST /channels/" + channel + " HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer secret\r\n" +
                "Content-Length: " + std::to_string(data.size()) + "\r\n\r\n" + data);
    return client.response();
  }
  Ended tool(const std::string& command) const { return run("--data_dir '" + data_.string() + "' " + command); }

  const fs::path folder_, data_;
};

TEST_F(HistoryToolTest, EveryCommandMayBeUsedWhilePublishingGoesOn) {
  bench::ServerProcess server = start(data_, "500");
  std::atomic<bool> is_over = false;
  std::atomic<int> refused = 0;
  std::vector<std::thread> publishers;
  for (int i = 0; i < 4; ++i) {
    publishers.emplace_back([&, i] {
      Client client(server.port());
      while (!is_over) refused += publish(client, "ch" + std::to_string(i), std::string(2000, 'x')).status != 200;
    });
  }
  for (int round = 0; round < 5; ++round) {
    const std::string backup = (folder_ / ("backup" + std::to_string(round))).string();
    for (const std::string& command : {std::string("list"), std::string("print ch0"), std::string("check"),
                                       std::string("vacuum"), "backup '" + backup + "'"}) {
      if (command == "print ch0" && round == 0) continue;  // which may not be there yet
      const Ended ended = tool(command);
      EXPECT_EQ(ended.code, 0) << command << ": " << ended.output.substr(0, 1000);
    }
    const Ended checked = run("--data_dir '" + backup + "' check");
    EXPECT_EQ(checked.code, 0) << checked.output;
  }
  is_over = true;
  for (std::thread& publisher : publishers) publisher.join();
  EXPECT_EQ(refused, 0);
  EXPECT_EQ(tool("check").code, 0);
  EXPECT_TRUE(server.stop());
}

TEST_F(HistoryToolTest, PrintsWhatAClientGetsByteForByte) {
  bench::ServerProcess server = start(data_);
  Client publisher(server.port());
  std::string id;
  for (int number = 0; number < 100; ++number) {
    id = publish(publisher, "news", std::to_string(number) + "\nline").body;
  }
  id = id.substr(7, id.find('"', 8) - 7);  // {"id":"E-100"}
  const std::string place = id.substr(0, id.find('-')) + "-40";
  Client client(server.port());
  client.send("GET /channels/news?last_event_id=" + place + " HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.head().status, 200);
  const std::string stream = client.until("id: " + id + "\n\n");
  const Ended printed = tool("print news --after " + place);
  EXPECT_EQ(printed.code, 0);
  ASSERT_NE(printed.output, "");
  EXPECT_TRUE(stream.ends_with(printed.output)) << stream << "\n--- printed\n" << printed.output;
  EXPECT_LT(stream.size() - printed.output.size(), 40u) << "a comment and the reconnection time";
}

TEST_F(HistoryToolTest, ListsChannelsByTheirNamesWithCountsBytesAndAges) {
  bench::ServerProcess server = start(data_);
  Client client(server.port());
  for (const char* channel : {"b", "a", "a"}) publish(client, channel, "x");
  const Ended listed = tool("list");
  EXPECT_EQ(listed.code, 0);
  const std::string time = "20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d\\d\\dZ";
  const std::string times = "  " + time + "  " + time + "  ";
  EXPECT_TRUE(std::regex_match(
      listed.output,
      std::regex(" +events +bytes  oldest +newest +channel\n +2 +16" + times + "a\n +1 +8" + times + "b\n +3 +24" +
                 times + "in all, of 2 channels\nEpoch \\d+, kept with --durability process; a server runs, .*\n")))
      << listed.output;
  EXPECT_TRUE(server.stop());
  EXPECT_TRUE(tool("list").output.ends_with("; closed.\n"));
}

TEST_F(HistoryToolTest, ABackupThatAServerStartsOnTellsItsClientsAGap) {
  bench::ServerProcess server = start(data_);
  Client publisher(server.port());
  const std::string id = publish(publisher, "news", "old").body.substr(7);
  fs::create_directories(folder_ / "restored");
  ASSERT_EQ(tool("backup '" + (folder_ / "backup.db").string() + "'").code, 0);
  EXPECT_TRUE(server.stop());
  fs::copy_file(folder_ / "backup.db", folder_ / "restored/history.db");
  bench::ServerProcess restored = start(folder_ / "restored");
  Client client(restored.port());
  client.send(get("/channels/news?last_event_id=" + id.substr(0, id.find('"'))));
  EXPECT_EQ(client.head().status, 200);
  EXPECT_EQ(client.event().value_or(ClientEvent{}).type, "gap");
  EXPECT_EQ(client.event().value_or(ClientEvent{}).data, "old");
}

TEST_F(HistoryToolTest, WhatItCannotUseIsASentenceAndExitCode1AndStaysAsItIs) {
  const fs::path letter = folder_ / "letter", recipes = folder_ / "recipes", newer = folder_ / "newer";
  for (const fs::path& folder : {letter, recipes, newer}) fs::create_directories(folder);
  std::ofstream(letter / "history.db") << std::string(5000, 'x');
  Database((recipes / "history.db").string(), {}, Database::Mode::kReadWriteCreate)
      .execute("PRAGMA journal_mode = WAL; CREATE TABLE recipes (name TEXT)");
  EXPECT_TRUE(start(newer).stop());
  Database((newer / "history.db").string(), {}, Database::Mode::kReadWrite).execute("PRAGMA user_version = 7");
  for (const fs::path& folder : {data_, folder_ / "none", letter, recipes, newer}) {
    const auto count = [&] { return fs::exists(folder) ? std::distance(fs::directory_iterator(folder), {}) : 0; };
    const auto before = count();
    for (const char* command : {"list", "print news", "check", "vacuum", "backup /nowhere/x"}) {
      const Ended ended = run("--data_dir '" + folder.string() + "' " + command);
      EXPECT_EQ(ended.code, 1) << folder << command;
      EXPECT_NE(ended.output.find(folder.string()), std::string::npos) << ended.output;
      EXPECT_EQ(std::count(ended.output.begin(), ended.output.end(), '\n'), 1) << ended.output;
    }
    if (folder != newer) {
      EXPECT_EQ(count(), before) << folder;
    }
  }
}

TEST_F(HistoryToolTest, ADamagedFileIsTold) {
  bench::ServerProcess server = start(data_);
  Client client(server.port());
  publish(client, "news", "x");
  EXPECT_TRUE(server.stop());
  Database((data_ / "history.db").string(), {}, Database::Mode::kReadWrite).execute("DELETE FROM events");
  const Ended checked = tool("check");
  EXPECT_EQ(checked.code, 1);
  EXPECT_EQ(checked.output,
            "The channel news should have the events 1 to 1, and 0 are there, not exactly these.\n"
            "The channel news should have 8 bytes, and its events have 0.\n");
}

TEST_F(HistoryToolTest, WhoeverHasReadEnoughMayCloseItsOutput) {
  bench::ServerProcess server = start(data_);
  Client client(server.port());
  for (int count = 0; count < 10; ++count) publish(client, "news", std::string(100'000, 'x'));
  const fs::path errors = folder_ / "errors";
  EXPECT_EQ(tool("print news 2> '" + errors.string() + "' | head -c 10").output, "data: xxxx");
  EXPECT_EQ(fs::file_size(errors), 0u);
  EXPECT_EQ(tool("list 2>&1 > /dev/full | cat").output, "The output can't be written: No space left on device\n");
}

TEST_F(HistoryToolTest, HelpNamesEveryCommandAndWrongUsageIsExitCode2) {
  const Ended help = run("--help");
  EXPECT_EQ(help.code, 0);
  for (const char* command : {"list", "print", "check", "vacuum", "backup"}) {
    EXPECT_NE(help.output.find(std::string("\n  ") + command + " "), std::string::npos) << help.output;
  }
  EXPECT_EQ(run("list").code, 2);
  EXPECT_EQ(tool("").code, 2);
  EXPECT_EQ(run("list --data_dir '" + data_.string() + "'").code, 1) << "nothing is kept there yet";
  EXPECT_EQ(tool("print news --after x --from 1").code, 2);
}

}  // namespace
}  // namespace tidings
