// What an event stream says, for people and for other suites: a stream on standard input or in files, a line of JSON
// for each thing that it does to a client, live. Nothing but the parser decides what comes out.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/protocol/parser.h"
#include "tidings/protocol/utf8.h"

namespace {

using tidings::ParsedEvent;
using tidings::Parser;

constexpr int kUsageError = 2;
constexpr const char* kStandardInput = "-";

constexpr const char* kDescription =
    R"(Shows what an event stream says: reads it from files or standard input and prints, as it comes, a line of JSON for
  an event                             {"type":"message","data":"hello","id":"7"}
  a change of the reconnection time    {"retry":1500}
  a last event ID without an event     {"id":"8"}
in the stream's order. An event's id is the last event ID string, "" without one. Malformed UTF-8 is U+FFFD. What the
end of a stream leaves unfinished was never an event.

  curl -sN http://localhost:9009/events | decode

Ends with 0 at the end of the input, 1 when it can't be read or a bound was passed, 2 when used wrongly.)";

struct Flags {
  std::vector<std::string> files = {kStandardInput};
  std::string last_event_id;
  Parser::Limits limits;
};

// The exit code, when the program is to end here.
std::optional<int> parse(int argc, char** argv, Flags& flags) {
  CLI::App app(kDescription);
  app.name("decode");
  app.option_defaults()->always_capture_default();
  app.add_option("files", flags.files,
                 "Streams, - for standard input; several are one client's connections, one after the other");
  app.add_option("--last_event_id,--last-event-id", flags.last_event_id, "What an earlier connection left behind");
  const CLI::Range bound(1, 1 << 30);
  app.add_option("--max_line_bytes,--max-line-bytes", flags.limits.max_line_bytes, "The longest line taken")
      ->check(bound);
  app.add_option("--max_data_bytes,--max-data-bytes", flags.limits.max_data_bytes, "The most data of one event taken")
      ->check(bound);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  return std::nullopt;
}

std::runtime_error failure(const std::string& what) { return std::runtime_error(what + ": " + std::strerror(errno)); }

void print(const nlohmann::ordered_json& line) {
  const std::string text = line.dump() + '\n';
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void flush() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) throw failure("The output can't be written");
}

// One client, whose connections are fed to it.
class Decoder {
 public:
  explicit Decoder(const Flags& flags) : limits_(flags.limits) {
    tidings::append_utf8(flags.last_event_id, last_event_id_);
  }

  void read(int file, const std::string& name) {
    Parser parser(limits_, last_event_id_);
    std::array<char, 64 * 1024> buffer;
    for (;;) {
      const ssize_t count = ::read(file, buffer.data(), buffer.size());
      if (count == 0) return;
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) throw failure(name + " can't be read");
      feed(parser, {buffer.data(), static_cast<std::size_t>(count)});
      flush();
    }
  }

 private:
  // Feeds the parser pieces that each hold one line's end at most: so it has done one thing at most since it was last
  // asked, and the lines come out in the stream's order.
  void feed(Parser& parser, std::string_view bytes) {
    while (!bytes.empty()) {
      std::size_t size = 0;
      while (size < bytes.size() && bytes[size] != '\n' && bytes[size] != '\r') ++size;
      if (size < bytes.size()) ++size;
      const Parser::Status status =
          parser.feed(bytes.substr(0, size), [this](const ParsedEvent& event) { show(event); });
      show_changes(parser);
      if (status != Parser::Status::kOk) stop(status);
      bytes.remove_prefix(size);
    }
  }

  void show(const ParsedEvent& event) {
    last_event_id_ = event.last_event_id;
    print({{"type", event.type}, {"data", event.data}, {"id", event.last_event_id}});
  }

  void show_changes(const Parser& parser) {
    if (parser.reconnection_time() && parser.reconnection_time() != reconnection_time_) {
      reconnection_time_ = parser.reconnection_time();
      print({{"retry", reconnection_time_->count()}});
    }
    if (parser.last_event_id() != last_event_id_) {
      last_event_id_ = parser.last_event_id();
      print({{"id", last_event_id_}});
    }
  }

  [[noreturn]] void stop(Parser::Status status) const {
    flush();
    if (status == Parser::Status::kLineTooLong) {
      throw std::runtime_error("A line of the stream is longer than " + std::to_string(limits_.max_line_bytes) +
                               " bytes: raise --max_line_bytes to take it.");
    }
    throw std::runtime_error("The data of one event is longer than " + std::to_string(limits_.max_data_bytes) +
                             " bytes: raise --max_data_bytes to take it.");
  }

  Parser::Limits limits_;
  std::string last_event_id_;
  std::optional<std::chrono::milliseconds> reconnection_time_;
};

void read_file(Decoder& decoder, const std::string& name) {
  if (name == kStandardInput) return decoder.read(STDIN_FILENO, "Standard input");
  // `bazel run` starts programs elsewhere and says where its user is.
  const char* user_directory = std::getenv("BUILD_WORKING_DIRECTORY");
  const std::filesystem::path path = std::filesystem::path(user_directory ? user_directory : "") / name;
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw failure(name + " can't be opened");
  decoder.read(file, name);
  close(file);
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  if (const std::optional<int> code = parse(argc, argv, flags)) return *code;
  try {
    Decoder decoder(flags);
    for (const std::string& name : flags.files) read_file(decoder, name);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
