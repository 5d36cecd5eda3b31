// A job's progress, which comes to an end: a browser that is told so stops asking.
//
//   bazel run //examples:progress        then open the page, or: curl -N http://localhost:9009/progress
#include <charconv>
#include <chrono>
#include <cstdint>
#include <string>

#include "tidings/server/program.h"

using namespace std::chrono_literals;

constexpr const char* kDone = "done";

constexpr const char* kPage = R"(<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<title>A job</title>
<h1>A job</h1>
<p><progress id="bar" max="100" value="0"></progress> <output id="text"></output></p>
<script>
  const show = ({ data }) => {
    document.getElementById("bar").value = parseInt(data);
    document.getElementById("text").textContent = data;
  };
  const source = new EventSource("/progress");
  source.onmessage = show;
  source.addEventListener("finished", show);
</script>
)";

// To a browser a stream that ends is one to come back to, with the id of the last event: one that had the last is
// refused with 204, No Content, and that ends it for good.
tidings::EventStream progress(std::string last_event_id, tidings::Loop& loop) {
  if (last_event_id == kDone) throw tidings::Refusal(204, "The job is done.");
  std::uint64_t percent = 0;
  std::from_chars(last_event_id.data(), last_event_id.data() + last_event_id.size(), percent);
  while (percent < 90) {
    co_await loop.sleep(200ms);
    percent += 10;
    co_yield tidings::Event(std::to_string(percent) + " %").with_id(percent);
  }
  co_await loop.sleep(200ms);
  co_yield tidings::Event("finished", "100 %").with_id("done");
}

int main(int argc, char** argv) {
  return tidings::run_program(argc, argv, [](tidings::Server& server) {
    server.stream("/progress", [](const tidings::Request& request, tidings::Loop& loop) {
      return progress(std::string(request.last_event_id().value_or("")), loop);
    });
    server.get("/", [](const tidings::Request&) {
      return tidings::Answer{.content_type = "text/html; charset=utf-8", .body = kPage};
    });
  });
}
