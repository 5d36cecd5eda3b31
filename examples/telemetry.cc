// A value that changes a thousand times a second, and pages that have the newest of it thirty times a second.
//
//   bazel run //examples:telemetry        then: curl -N http://localhost:9009/pose
#include <chrono>
#include <cmath>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>

#include "tidings/server/awaiting/latest.h"
#include "tidings/server/program.h"

using namespace std::chrono_literals;

struct Pose {
  double x = 0, y = 0, heading = 0;
};

std::string text_of(const Pose& pose) {
  return "{\"x\":" + std::to_string(pose.x) + ",\"y\":" + std::to_string(pose.y) +
         ",\"heading\":" + std::to_string(pose.heading) + "}";
}

tidings::EventStream telemetry(tidings::Latest<Pose>& latest, tidings::Loop& loop) {
  auto pose = latest.follow(loop);
  while (const auto newest = co_await pose.next()) co_yield tidings::Event(text_of(*newest));
}

// In a circle, whoever looks on.
void drive(const std::stop_token& stop, tidings::Latest<Pose>& latest) {
  for (double way = 0; !stop.stop_requested(); way += 0.001) {
    latest.set({.x = std::cos(way), .y = std::sin(way), .heading = way});
    std::this_thread::sleep_for(1ms);
  }
}

int main(int argc, char** argv) {
  tidings::Latest<Pose> latest(tidings::Pace{33ms});
  std::jthread thread;  // stopped and joined at the end, after the server
  return tidings::run_program(argc, argv, [&](tidings::Server& server) {
    server.stream("/pose", [&latest](tidings::Request, tidings::Loop& loop) { return telemetry(latest, loop); });
    thread = std::jthread(drive, std::ref(latest));
  });
}
