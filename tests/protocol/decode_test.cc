// The decoder as people and other suites run it: bytes into a pipe, lines of JSON out of another.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace tidings {
namespace {

constexpr const char* kProgram = "protocol/decode";

class Decode : public testing::Test {
 protected:
  Decode() { std::signal(SIGPIPE, SIG_IGN); }  // a decoder that has ended takes no more
  ~Decode() override {
    if (process_ > 0) {
      kill(process_, SIGKILL);
      waitpid(process_, nullptr, 0);
    }
    for (const int end : {input_, output_, errors_}) {
      if (end >= 0) close(end);
    }
  }

  void start(std::vector<std::string> arguments = {}) {
    const auto [child_input, input] = pipe();
    const auto [output, child_output] = pipe();
    const auto [errors, child_errors] = pipe();
    arguments.insert(arguments.begin(), kProgram);
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    process_ = fork();
    if (process_ == 0) {
      dup2(child_input, STDIN_FILENO);
      dup2(child_output, STDOUT_FILENO);
      dup2(child_errors, STDERR_FILENO);
      execv(kProgram, pointers.data());
      _exit(127);
    }
    for (const int end : {child_input, child_output, child_errors}) close(end);
    input_ = input;
    output_ = output;
    errors_ = errors;
  }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = write(input_, bytes.data(), bytes.size());
      if (count < 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  // The next line that comes out, while the input stays open.
  std::string line() {
    while (unread_.find('\n') == std::string::npos) {
      pollfd waited{.fd = output_, .events = POLLIN, .revents = 0};
      char buffer[512];
      const ssize_t count = poll(&waited, 1, 10'000) == 1 ? ::read(output_, buffer, sizeof buffer) : 0;
      if (count <= 0) {
        ADD_FAILURE() << "no line came";
        return std::exchange(unread_, {});
      }
      unread_.append(buffer, static_cast<std::size_t>(count));
    }
    const std::string line = unread_.substr(0, unread_.find('\n'));
    unread_.erase(0, line.size() + 1);
    return line;
  }

  struct Ended {
    int code;
    std::string output, errors;
  };

  // Ends the input and waits for the program's end.
  Ended end() {
    close(std::exchange(input_, -1));
    Ended ended{-1, unread_ + all_of(output_), all_of(errors_)};
    int status = 0;
    waitpid(std::exchange(process_, -1), &status, 0);
    if (WIFEXITED(status)) ended.code = WEXITSTATUS(status);
    return ended;
  }

  Ended decode(std::string_view bytes, std::vector<std::string> arguments = {}) {
    start(std::move(arguments));
    send(bytes);
    return end();
  }

  // The path of a new file.
  static std::string file(const std::string& name, std::string_view bytes) {
    const std::string path = testing::TempDir() + "decode_test_" + name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

 private:
  static std::pair<int, int> pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
    return {ends[0], ends[1]};
  }

  static std::string all_of(int end) {
    std::string all;
    char buffer[4096];
    for (ssize_t count; (count = ::read(end, buffer, sizeof buffer)) > 0;) {
      all.append(buffer, static_cast<std::size_t>(count));
    }
    return all;
  }

  int process_ = -1, input_ = -1, output_ = -1, errors_ = -1;
  std::string unread_;
};

TEST_F(Decode, ALineForEachThingInTheStreamsOrder) {
  const Ended ended = decode(
      "retry: 1500\nid: a:1\ndata: one\ndata: two\n\n"
      "event: tick\ndata: x\nretry: 2000\n\n"
      "retry: 2000\n\n: comment\n\n"
      "id: 8\n\nid\ndata\n\n"
      "retry: 1\nretry: 2\nid: 9\ndata: unfinished\n");
  EXPECT_EQ(ended.output, R"({"retry":1500})"
                          "\n"
                          R"({"type":"message","data":"one\ntwo","id":"a:1"})"
                          "\n"
                          R"({"retry":2000})"
                          "\n"
                          R"({"type":"tick","data":"x","id":"a:1"})"
                          "\n"
                          R"({"id":"8"})"
                          "\n"
                          R"({"type":"message","data":"","id":""})"
                          "\n"
                          R"({"retry":1})"
                          "\n"
                          R"({"retry":2})"
                          "\n");
  EXPECT_EQ(ended.errors, "");
  EXPECT_EQ(ended.code, 0);
}

TEST_F(Decode, AnEventComesOutBeforeTheInputEnds) {
  start();
  send("data: 1\n\nda");
  EXPECT_EQ(line(), R"({"type":"message","data":"1","id":""})");
  send("ta: 2\r");
  send("\r");  // a blank line, whatever follows
  EXPECT_EQ(line(), R"({"type":"message","data":"2","id":""})");
  send("\nretry: 5\n");
  EXPECT_EQ(line(), R"({"retry":5})");
  const Ended ended = end();
  EXPECT_EQ(ended.output, "");
  EXPECT_EQ(ended.code, 0);
}

TEST_F(Decode, WhateverTheBytesTheLinesAreJson) {
  struct Row {
    const char* name;
    std::string_view bytes;
    std::string_view output;
  };
  using namespace std::string_view_literals;
  for (const Row& row : {
           Row{"malformed UTF-8", "event: \xC3\ndata: a\xF0\x9F\x93z\xFF\n\n",
               "{\"type\":\"\xEF\xBF\xBD\",\"data\":\"a\xEF\xBF\xBDz\xEF\xBF\xBD\",\"id\":\"\"}\n"},
           Row{"UTF-8 as it is", "data: \xE2\x82\xAC\n\n",
               "{\"type\":\"message\",\"data\":\"\xE2\x82\xAC\",\"id\":\"\"}\n"},
           Row{"NUL in data", "data: a\0b\n\n"sv, "{\"type\":\"message\",\"data\":\"a\\u0000b\",\"id\":\"\"}\n"},
           Row{"NUL in an id", "id: a\0b\ndata\n\n"sv, "{\"type\":\"message\",\"data\":\"\",\"id\":\"\"}\n"},
           Row{"quotes and controls", "data: \"\\\t\x1B\n\n",
               "{\"type\":\"message\",\"data\":\"\\\"\\\\\\t\\u001b\",\"id\":\"\"}\n"},
           Row{"a reconnection time beyond 64 bits", "retry: 99999999999999999999\n",
               "{\"retry\":9223372036854775807}\n"},
           Row{"no stream at all", "<!DOCTYPE html>\n<p>\x80\n\n", ""},
           Row{"nothing", "", ""},
       }) {
    const Ended ended = decode(row.bytes);
    EXPECT_EQ(ended.output, row.output) << row.name;
    EXPECT_EQ(ended.code, 0) << row.name;
  }
}

TEST_F(Decode, BeyondABoundItStopsAndSaysWhich) {
  const Ended line = decode("data: 1\n\ndata: " + std::string(std::size_t{8} << 20, 'x'));
  EXPECT_EQ(line.output, "{\"type\":\"message\",\"data\":\"1\",\"id\":\"\"}\n");
  EXPECT_EQ(line.errors, "A line of the stream is longer than 1048640 bytes: raise --max_line_bytes to take it.\n");
  EXPECT_EQ(line.code, 1);

  const Ended data = decode("data: 12\n\ndata: 1\ndata: 2\ndata: 3\n\n", {"--max_data_bytes", "4"});
  EXPECT_EQ(data.output, "{\"type\":\"message\",\"data\":\"12\",\"id\":\"\"}\n");
  EXPECT_EQ(data.errors, "The data of one event is longer than 4 bytes: raise --max_data_bytes to take it.\n");
  EXPECT_EQ(data.code, 1);

  EXPECT_EQ(decode("data: 1\n\n", {"--max_line_bytes", "7"}).code, 0);
  EXPECT_EQ(decode("data: 1\n\n", {"--max_line_bytes", "6"}).code, 1);
}

TEST_F(Decode, FilesAreTheConnectionsOfOneClient) {
  const std::string first = file("first", "retry: 5\nid: 2\n\nid: 3\ndata: never dispatched\n");
  const std::string second = file("second", "retry: 5\ndata: x\n\n");
  EXPECT_EQ(decode("data: y\n\n", {"--last_event_id", "1", second, first, "-", second}).output,
            "{\"retry\":5}\n"
            "{\"type\":\"message\",\"data\":\"x\",\"id\":\"1\"}\n"
            "{\"id\":\"2\"}\n"
            "{\"type\":\"message\",\"data\":\"y\",\"id\":\"2\"}\n"
            "{\"type\":\"message\",\"data\":\"x\",\"id\":\"2\"}\n");
}

TEST_F(Decode, WhatCanNotBeReadIsASentenceAndExitCode1) {
  const Ended ended = decode("", {"no/such/file"});
  EXPECT_EQ(ended.errors, "no/such/file can't be opened: No such file or directory\n");
  EXPECT_EQ(ended.code, 1);
}

TEST_F(Decode, WrongUsageIsASentenceAndExitCode2) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--bogus"}, {"--max_line_bytes", "many"}, {"--max_data_bytes", "-1"}}) {
    const Ended ended = decode("", arguments);
    EXPECT_EQ(ended.code, 2) << arguments[0];
    EXPECT_NE(ended.errors.find(arguments[0]), std::string::npos) << ended.errors;
  }
}

TEST_F(Decode, HelpNamesEveryFlag) {
  const Ended ended = decode("", {"--help"});
  EXPECT_EQ(ended.code, 0);
  for (const char* flag : {"files", "--last_event_id", "--max_line_bytes", "--max_data_bytes", "curl"}) {
    EXPECT_NE(ended.output.find(flag), std::string::npos) << flag;
  }
}

}  // namespace
}  // namespace tidings
