// A log file as it grows, in a browser: a worker reads it, since a disk may take its time. A client that comes back
// goes on behind the last line that it has had, whose end in the file is its id.
//
//   LOG_FILE=/var/log/syslog bazel run //examples:log_tail        then open the page
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "tidings/server/awaiting/on_worker.h"
#include "tidings/server/program.h"

using namespace std::chrono_literals;

struct Line {
  std::string text;
  std::uint64_t end;  // where the next one begins
};

constexpr std::uint64_t kFirst = 4096, kMost = 65'536;  // bytes of the file: for who is new, and at a time

// The whole lines from a place on, or the last ones. A file that is shorter than that was begun anew.
std::vector<Line> read_lines(const std::string& path, std::optional<std::uint64_t> place) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return {};
  const auto size = static_cast<std::uint64_t>(file.tellg());
  const std::uint64_t begin = !place ? size - std::min(size, kFirst) : *place > size ? 0 : *place;
  std::string bytes(std::min(size - begin, kMost), '\0');
  file.seekg(static_cast<std::streamoff>(begin));
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  std::vector<Line> lines;
  std::size_t at = place || begin == 0 ? 0 : bytes.find('\n') + 1;  // where a line begins
  for (std::size_t end; (end = bytes.find('\n', at)) != std::string::npos; at = end + 1) {
    lines.push_back({bytes.substr(at, end - at), begin + end + 1});
  }
  if (lines.empty() && bytes.size() == kMost) lines.push_back({bytes, begin + kMost});  // one that is too long
  return lines;
}

tidings::EventStream tail(std::string path, std::optional<std::uint64_t> place, tidings::Loop& loop) {
  for (;;) {
    const std::vector<Line> lines = co_await tidings::on_worker(loop, read_lines, path, place);
    for (const Line& line : lines) {
      co_yield tidings::Event(line.text).with_id(line.end);
      place = line.end;
    }
    if (lines.empty()) co_await loop.sleep(200ms);
  }
}

std::optional<std::uint64_t> place_of(const tidings::Request& request) {
  const std::string id(request.last_event_id().value_or(""));
  std::uint64_t place = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), place);
  return error == std::errc() ? std::optional(place) : std::nullopt;
}

constexpr const char* kPage = R"(<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<title>A log</title>
<style>pre { height: 20rem; overflow: auto; border: 1px solid gray; padding: .5rem; }</style>
<h1>A log</h1>
<pre id="log"></pre>
<script>
  const log = document.getElementById("log");
  new EventSource("/log").onmessage = ({ data }) => {
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 5;
    log.append(data + "\n");
    while (log.childNodes.length > 1000) log.firstChild.remove();
    if (isAtEnd) log.scrollTop = log.scrollHeight;
  };
</script>
)";

int main(int argc, char** argv) {
  const char* const file = std::getenv("LOG_FILE");
  const std::string path = file ? file : "/var/log/syslog";
  return tidings::run_program(argc, argv, [&path](tidings::Server& server) {
    server.stream("/log", [&path](const tidings::Request& request, tidings::Loop& loop) {
      return tail(path, place_of(request), loop);
    });
    server.get("/", [](const tidings::Request&) {
      return tidings::Answer{.content_type = "text/html; charset=utf-8", .body = kPage};
    });
  });
}
