// The program whose disk takes nothing more: publishers are told, readers go on, nothing acknowledged is lost, and when
// there is room again it keeps on by itself. The disk is a small one of the test's own where the machine lets it mount
// one, by a namespace for which nobody has to be root; and one whose files must not grow, everywhere.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/bench/rivals/server_process.h"
#include "tidings/tests/server/client.h"

namespace tidings {
namespace {

// A disk as the test has it in its hands.
class Disk {
 public:
  virtual ~Disk() = default;
  // Why there is none; empty where there is.
  virtual std::string prepare(const std::filesystem::path& folder) = 0;
  virtual void fill(const bench::ServerProcess& server) = 0;
  virtual void make_room(const bench::ServerProcess& server) = 0;
};

void write_line(const char* file, const std::string& line) { std::ofstream(file) << line; }

class SmallDisk final : public Disk {
 public:
  ~SmallDisk() override {
    if (!folder_.empty()) umount2(folder_.c_str(), MNT_DETACH);
  }

  // Root may have a namespace of mounts; whoever is not is root in a namespace of users. It is left by nobody: the
  // process ends with it.
  std::string prepare(const std::filesystem::path& folder) override {
    const std::string user = std::to_string(getuid()), group = std::to_string(getgid());
    if (unshare(CLONE_NEWNS) != 0) {
      if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return std::string("no namespace: ") + std::strerror(errno);
      write_line("/proc/self/setgroups", "deny");
      write_line("/proc/self/uid_map", "0 " + user + " 1");
      write_line("/proc/self/gid_map", "0 " + group + " 1");
    }
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=40m") != 0) {
      return std::string("no mount: ") + std::strerror(errno);
    }
    folder_ = folder;
    return "";
  }
  void fill(const bench::ServerProcess&) override {
    std::ofstream rest(folder_ / "rest", std::ios::binary);
    for (const std::string page(4096, 'x'); rest.write(page.data(), 4096).flush();) {
    }
  }
  void make_room(const bench::ServerProcess&) override { std::filesystem::remove(folder_ / "rest"); }

 private:
  std::filesystem::path folder_;
};

class LimitedDisk final : public Disk {
 public:
  std::string prepare(const std::filesystem::path&) override { return ""; }
  void fill(const bench::ServerProcess& server) override { set(server, 0); }
  void make_room(const bench::ServerProcess& server) override { set(server, RLIM_INFINITY); }

 private:
  static void set(const bench::ServerProcess& server, rlim_t bytes) {
    rlimit limit{};
    ASSERT_EQ(prlimit(server.process(), RLIMIT_FSIZE, nullptr, &limit), 0);
    limit.rlim_cur = std::min(bytes, limit.rlim_max);
    ASSERT_EQ(prlimit(server.process(), RLIMIT_FSIZE, &limit, nullptr), 0) << std::strerror(errno);
  }
};

class FullDiskTest : public testing::Test {
 protected:
  FullDiskTest()
      : folder_(std::filesystem::path(testing::TempDir()) /
                testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~FullDiskTest() override { std::filesystem::remove_all(folder_); }

  bench::ServerProcess start() {
    return {"server/server",
            {"--port", "0", "--data_dir", folder_.string(), "--publish_token", "secret", "--log_level", "error"}};
  }
  static ClientResponse ask(const bench::ServerProcess& server, const std::string& request) {
    Client client(server.port());
    client.send(request);
    return client.response();
  }
  // Each time another event, large enough that a page more is needed.
  ClientResponse publish(const bench::ServerProcess& server) {
    const std::string data = std::to_string(++published_) + std::string(10'000, '.');
    ClientResponse response = ask(
        server, "POST /channels/demo HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer secret\r\nContent-Length: " +
                    std::to_string(data.size()) + "\r\n\r\n" + data);
    if (response.status == 200) acknowledged_.push_back({"message", data, id_in(response.body)});
    return response;
  }
  // Of the body {"id":"E-7"}.
  static std::string id_in(const std::string& body) {
    const std::size_t begin = body.find(":\"") + 2;
    return body.substr(begin, body.rfind('"') - begin);
  }
  static Client follow(const bench::ServerProcess& server, const std::string& after) {
    Client client(server.port());
    client.send(get("/channels/demo?last_event_id=" + after));
    EXPECT_EQ(client.head().status, 200);
    return client;
  }
  // That a follower gets what was acknowledged from the event `from` on, and nothing else.
  void expect_acknowledged(Client& follower, std::size_t from) {
    for (; from < acknowledged_.size(); ++from) ASSERT_EQ(follower.event(), acknowledged_[from]);
  }
  void expect_no_path(const std::string& text) { EXPECT_EQ(text.find(folder_.string()), text.npos) << text; }

  void run(Disk& disk) {
    {
      bench::ServerProcess server = start();
      publish_some(server);
      Client follower = follow(server, acknowledged_.front().last_event_id);
      disk.fill(server);
      expect_refused(server);
      Client late = follow(server, acknowledged_.front().last_event_id);
      expect_acknowledged(late, 1);
      disk.make_room(server);
      expect_recovered(server);
      expect_acknowledged(follower, 1);
      server.stop(SIGKILL);
    }
    bench::ServerProcess server = start();
    publish_some(server);
    Client follower = follow(server, acknowledged_.front().last_event_id);
    expect_acknowledged(follower, 1);
    EXPECT_TRUE(server.stop());
  }
  void publish_some(const bench::ServerProcess& server) {
    for (int i = 0; i < 3; ++i) ASSERT_EQ(publish(server).status, 200);
  }
  void expect_refused(const bench::ServerProcess& server) {
    ClientResponse refused;
    while ((refused = publish(server)).status == 200) {
    }
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(refused.status, 503);
      EXPECT_EQ(refused.headers.at("content-type"), "application/problem+json");
      EXPECT_EQ(refused.headers.count("retry-after"), 1u);
      expect_no_path(refused.body);
      refused = publish(server);
    }
    const ClientResponse ready = ask(server, get("/readyz"));
    EXPECT_EQ(ready.status, 503);
    EXPECT_NE(ready.body.find("history"), ready.body.npos) << ready.body;
    expect_no_path(ready.body);
    EXPECT_NE(ask(server, get("/metrics")).body.find("\ntidings_history_trouble 1\n"), std::string::npos);
  }
  void expect_recovered(const bench::ServerProcess& server) {
    while (publish(server).status != 200) {
    }
    EXPECT_EQ(ask(server, get("/readyz")).status, 200);
    EXPECT_NE(ask(server, get("/metrics")).body.find("\ntidings_history_trouble 0\n"), std::string::npos);
  }

  const std::filesystem::path folder_;
  std::vector<ClientEvent> acknowledged_;
  int published_ = 0;
};

TEST_F(FullDiskTest, AFullDiskIsToldAndSurvivedAndLosesNothing) {
  SmallDisk disk;
  if (const std::string why = disk.prepare(folder_); !why.empty()) {
    GTEST_SKIP() << "This machine gives the test no disk of its own: " << why;
  }
  run(disk);
}

TEST_F(FullDiskTest, ADiskThatRefusesToWriteIsToldAndSurvivedAndLosesNothing) {
  LimitedDisk disk;
  run(disk);
}

}  // namespace
}  // namespace tidings
