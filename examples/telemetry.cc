// A value that changes a thousand times a second, and pages that have the newest of it thirty times a second.
//
//   bazel run //examples:telemetry        then open the page, or: curl -N http://localhost:9009/pose
#include <chrono>
#include <cmath>
#include <functional>
#include <stop_token>
#include <thread>

#include "tidings/protocol/typed/typed.h"
#include "tidings/server/awaiting/latest.h"
#include "tidings/server/program.h"

using namespace std::chrono_literals;

struct Pose {
  double x = 0, y = 0, heading = 0;  // metres, radians
};
TIDINGS_EVENT(Pose, "pose", x, y, heading);

tidings::EventStream telemetry(tidings::Latest<Pose>& latest, tidings::Loop& loop) {
  auto pose = latest.follow(loop);
  while (const auto newest = co_await pose.next()) co_yield tidings::typed(*newest);
}

// A flower's outline, whoever looks on.
void drive(const std::stop_token& stop, tidings::Latest<Pose>& latest) {
  for (double way = 0; !stop.stop_requested(); way += 0.001) {
    const double radius = 1 + 0.3 * std::sin(5 * way);
    latest.set({.x = radius * std::cos(way), .y = radius * std::sin(way), .heading = way});
    std::this_thread::sleep_for(1ms);
  }
}

constexpr const char* kPage = R"(<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<title>A robot's way</title>
<h1>A robot's way</h1>
<canvas id="way" width="300" height="300"></canvas>
<p>x <output id="x"></output> m, y <output id="y"></output> m, heading <output id="heading"></output></p>
<script>
  const canvas = document.getElementById("way").getContext("2d");
  const way = []; // the newest 150 poses
  new EventSource("/pose").addEventListener("pose", ({ data }) => {
    const pose = JSON.parse(data);
    for (const name in pose) document.getElementById(name).textContent = pose[name].toFixed(2);
    way.push(pose);
    if (way.length > 150) way.shift();
    canvas.clearRect(0, 0, 300, 300);
    for (const [age, { x, y }] of [...way].reverse().entries()) {
      canvas.fillStyle = `rgb(0 128 128 / ${1 - age / 150})`;
      canvas.beginPath();
      canvas.arc(150 + 100 * x, 150 - 100 * y, age === 0 ? 8 : 3, 0, 7);
      canvas.fill();
    }
  });
</script>
)";

int main(int argc, char** argv) {
  tidings::Latest<Pose> latest(tidings::Pace{33ms});
  std::jthread thread;  // stopped and joined at the end, after the server
  return tidings::run_program(argc, argv, [&](tidings::Server& server) {
    server.stream("/pose", [&latest](tidings::Request, tidings::Loop& loop) { return telemetry(latest, loop); });
    server.get("/", [](const tidings::Request&) {
      return tidings::Answer{.content_type = "text/html; charset=utf-8", .body = kPage};
    });
    thread = std::jthread(drive, std::ref(latest));
  });
}
