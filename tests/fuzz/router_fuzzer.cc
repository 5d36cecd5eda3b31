// Any target and any last event ID, through the request reader and the router to the places in channels that they ask
// for: a request is answered or becomes a stream, what is captured is what the path has, and an id that a stream gives
// out is taken back for what it says. An input is three lines: a target, an id and a route's pattern. In the first two
// 01, 02 and 03 stand for the ids of the last events of the channels a, b and c, which are other ones as soon as the
// epochs are made in another way.
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tidings/protocol/channel_rules.h"
#include "tidings/server/http/cors.h"
#include "tidings/server/http/path_pattern.h"
#include "tidings/server/http/request_reader.h"
#include "tidings/server/http/router.h"
#include "tidings/server/subscribers/channel_routes.h"
#include "tidings/server/testing/manual_clock.h"
#include "tidings/tests/fuzz/fuzz.h"

namespace tidings::fuzz {
namespace {

using Channels = std::vector<std::shared_ptr<Channel>>;

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/')) {
    path.remove_prefix(slash + 1);
    segments.push_back(path.substr(0, path.find('/')));
  }
  return segments;
}

// The same as PathPattern, segment by segment.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
  const std::vector<std::string_view> wanted = segments_of(pattern), given = segments_of(path);
  std::vector<std::string> captures;
  std::size_t offset = 0;  // of the segment in the path
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (i >= given.size()) return std::nullopt;
    ++offset;
    if (wanted[i].starts_with('*')) {
      captures.emplace_back(path.substr(offset));
      return captures;
    }
    if (wanted[i].starts_with(':')) {
      captures.emplace_back(given[i]);
    } else if (wanted[i] != given[i]) {
      return std::nullopt;
    }
    offset += given[i].size();
  }
  if (given.size() != wanted.size()) return std::nullopt;
  return captures;
}

void check_pattern(std::string_view text, std::string_view path) {
  if (!path.starts_with('/')) return;
  try {
    expect(PathPattern(text).match(path) == match(text, path), "a pattern matches segment by segment");
  } catch (const std::invalid_argument&) {
    expect(text != path || text.find_first_not_of("/abc") != std::string_view::npos, "plain text is a pattern");
  }
}

class Subject {
 public:
  Subject() : hub_({.channel = {.history = {.max_events = 2}}}, clock_, 1), cors_({}), router_(kKeepAlive, cors_) {
    for (const char* name : {"a", "b", "c"}) {
      for (int i = 0; i < 4; ++i) ids_.push_back(hub_.channel(name)->publish(Event("x")));
    }
    router_.stream("/channels", 0);
    router_.stream("/channels/:name", 0);
    const auto echo = [this](const Request& request) {
      seen_ = request;
      return Answer{.body = "echo"};
    };
    router_.get("/one/:a/two/:b", echo);
    router_.get("/all/*rest", echo);
    router_.close();
  }

  void ask(std::string_view target, std::string_view id) {
    seen_.reset();
    ReceivedRequest request;
    if (!read("GET " + with_ids(target) + " HTTP/1.1\r\nHost: h\r\nLast-Event-ID: " + with_ids(id) + "\r\n\r\n",
              request.head)) {
      return;
    }
    request.date = "now";
    const std::optional<Outcome> answered = router_.answer(std::move(request));
    expect(answered.has_value(), "no handler here answers later");
    const Outcome& outcome = *answered;
    expect(!outcome.has_failed, "nothing fails");
    if (outcome.stream) return check_stream(outcome.stream->request);
    const std::string_view status = std::string_view(outcome.response).substr(0, 13);
    expect(status == "HTTP/1.1 200 " || status == "HTTP/1.1 400 " || status == "HTTP/1.1 404 " ||
               status == "HTTP/1.1 414 ",
           "a GET is answered, or refused for its target");
    expect((status == "HTTP/1.1 200 ") == seen_.has_value(), "a handler answers with 200, and no one else does");
    if (seen_) check_captures(*seen_);
  }

 private:
  static constexpr std::chrono::seconds kKeepAlive{1};

  // Whether it is a request, and its head.
  static bool read(const std::string& bytes, std::string& head) {
    RequestReader reader({});
    reader.feed(bytes);
    if (reader.state() != RequestReader::State::kWhole) return false;
    head = reader.take_head();
    return true;
  }

  std::string with_ids(std::string_view text) const {
    std::string replaced;
    for (const char c : text) {
      if (c >= 1 && c <= 3) {
        replaced += ids_[static_cast<std::size_t>(c) * 4 - 1];
      } else {
        replaced += c;
      }
    }
    return replaced;
  }

  static void check_captures(const Request& request) {
    const std::vector<std::string>& captures = request.captures;
    if (captures.size() == 1) {
      expect("/all/" + captures[0] == request.path, "a rest is all that follows");
    } else {
      expect("/one/" + captures.at(0) + "/two/" + captures.at(1) == request.path, "a segment stands in its place");
      expect(captures[0].find('/') == std::string::npos && captures[1].find('/') == std::string::npos,
             "a segment has no slash");
    }
  }

  void check_stream(const Request& request) {
    const std::optional<std::string_view> id = request.last_event_id();
    expect(!id || !id->empty(), "an empty id is none");
    try {
      const AskedChannels asked = asked_channels(request);
      expect(!asked.names.empty() && asked.names.size() <= 64, "1 to 64 channels are followed");
      Channels channels;
      for (const std::string& name : asked.names) {
        expect(is_channel_name(name), "what is followed has a channel's name");
        channels.push_back(hub_.channel_to_follow(name));
      }
      check_places(channels, id);
    } catch (const Refusal& refusal) {
      expect(refusal.status() == 400, "what can't be followed is a 400");
    }
  }

  static std::vector<ChannelCursor> places(const Channels& channels, std::optional<std::string_view> id) {
    std::vector<ChannelCursor> cursors;
    const std::vector<std::optional<std::string_view>> ids = ids_for(channels, id);
    for (std::size_t i = 0; i < channels.size(); ++i) cursors.emplace_back(channels[i], ids[i]);
    return cursors;
  }

  static std::string id_of(const Channels& channels, const std::vector<ChannelCursor>& cursors) {
    if (channels.size() == 1) return cursors.front().id();
    std::string vector;
    for (const ChannelCursor& cursor : cursors) append_to_vector(cursor, vector);
    return vector;
  }

  static void check_places(const Channels& channels, std::optional<std::string_view> id) {
    std::vector<ChannelCursor> cursors = places(channels, id);
    for (const ChannelCursor& cursor : cursors) {
      const Channel& channel = cursor.channel();
      expect(cursor.next() >= channel.first() && cursor.next() <= channel.next(), "a place is within what is kept");
      expect(id || !cursor.has_missed(), "who had nothing has missed nothing");
    }
    const std::string given = id_of(channels, cursors);
    std::string head;
    expect(read("GET / HTTP/1.1\r\nHost: h\r\nLast-Event-ID: " + given + "\r\n\r\n", head), "an id comes back");
    expect(head.find("Last-Event-ID: " + given + "\r\n") != std::string::npos, "it comes back as it is");
    std::vector<ChannelCursor> again = places(channels, given);
    for (std::size_t i = 0; i < cursors.size(); ++i) {
      expect(again[i].next() == cursors[i].next(), "an id given out leads back to its place");
      expect(again[i].has_missed() == cursors[i].has_missed(), "and to a gap that was not told, but to no other");
      if (cursors[i].has_missed()) expect(!cursors[i].gap().data().empty(), "a gap says what is gone");
    }
    for (const ChannelCursor& cursor : places(channels, id_of(channels, cursors))) {
      expect(!cursor.has_missed(), "a gap is told once");
    }
  }

  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>(Clock::WallTime());
  Hub hub_;
  const CorsPolicy cors_;
  Router router_;
  std::vector<std::string> ids_;  // four of each channel
  std::optional<Request> seen_;   // by a handler
};

}  // namespace
}  // namespace tidings::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tidings::fuzz;
  spdlog::set_level(spdlog::level::off);
  std::string_view rest = as_text(data, size);
  const std::string_view target = take_line(rest), id = take_line(rest), pattern = rest;
  check_pattern(pattern, target);
  Subject().ask(target, id);
  return 0;
}
