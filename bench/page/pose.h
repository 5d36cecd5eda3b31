// What the pages with structs are sent: where a robot is.
#pragma once

#include <cstdint>
#include <string>

#include "tidings/protocol/typed/typed.h"

namespace tidings::bench {

struct Pose {
  double x = 0, y = 0, z = 0, roll = 0, pitch = 0, yaw = 0;
  std::uint32_t number = 0;
  std::string frame;
};
TIDINGS_EVENT(Pose, "pose", x, y, z, roll, pitch, yaw, number, frame);

}  // namespace tidings::bench
