// Where the robot is: what the server sends, and what the page gets.
#pragma once

#include <string>

#include "tidings/protocol/typed/typed.h"

struct Pose {
  double east = 0, north = 0;  // metres
  double heading = 0;          // degrees from the north
  std::string task = "on its way";
};
TIDINGS_EVENT(Pose, "pose", east, north, heading, (task));
