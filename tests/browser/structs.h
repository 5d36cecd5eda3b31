// Three structs of eight members, as a robot would send them.
#pragma once

#include <cstdint>
#include <string>

#include "tidings/protocol/typed/typed.h"

struct Pose {
  double x = 0, y = 0, z = 0, roll = 0, pitch = 0, yaw = 0, speed = 0;
  std::string frame;
};
TIDINGS_EVENT(Pose, "pose", x, y, z, roll, pitch, yaw, speed, frame);

struct Battery {
  bool is_charging = false;
  double volts = 0, amperes = 0, celsius = 0;
  std::uint8_t percent = 0;
  std::uint32_t cycles = 0;
  std::int64_t measured_at = 0;
  std::string serial;
};
TIDINGS_EVENT(Battery, "battery", is_charging, volts, amperes, celsius, percent, cycles, measured_at, (serial));

struct Job {
  std::uint64_t number = 0;
  std::string name, state, message;
  unsigned done = 0, total = 0;
  double seconds = 0;
  bool is_paused = false;
};
TIDINGS_EVENT(Job, "job", number, name, state, (message), done, total, seconds, (is_paused));
