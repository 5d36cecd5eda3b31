// A robot that goes in a circle and says where it is, thirty times a second.
//
//   bazel run //examples/pose        then open the page
#include <chrono>
#include <cmath>
#include <memory>
#include <numbers>
#include <stop_token>
#include <string>
#include <thread>

#include "tidings/examples/pose/pose.h"
#include "tidings/server/http/site.h"
#include "tidings/server/program.h"

using namespace std::chrono_literals;

// A thread of the robot's own. Whoever comes later gets where it is by then.
void drive(const std::stop_token& stop, const std::shared_ptr<tidings::Channel>& channel) {
  for (double angle = 0; !stop.stop_requested(); angle += 0.5) {
    const double radians = angle * std::numbers::pi / 180;
    channel->publish(Pose{5 + 4 * std::cos(radians), 5 + 4 * std::sin(radians), std::fmod(720 - angle, 360)});
    std::this_thread::sleep_for(33ms);
  }
}

int main(int argc, char** argv) {
  const tidings::Site site(tidings::site_files());
  std::jthread robot;  // stopped and joined at the end, after the server
  return tidings::run_program(argc, argv, [&](tidings::Server& server) {
    server.serve_channels();  // to follow: nobody publishes over HTTP
    server.get("/*file", [&site](const tidings::Request& request) {
      const std::string& name = request.captures.at(0);
      return site.answer(name.empty() ? "index.html" : name, request);
    });
    robot = std::jthread(drive, server.hub().channel("robot"));
  });
}
