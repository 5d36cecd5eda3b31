// Kind: A struct that is not described
// Mistake: `typed("pose", pose)`, with a member of a type that has no description
// Says: This type has no description: put TIDINGS_STRUCT(Type, member, ...) behind the struct, in its namespace.
// Members may be bool, numbers, std::string, described structs, and std::vector and std::optional of these.
#include "tidings/server/server.h"

struct Point {
  double x, y;
};
struct Pose {
  Point place;
};
TIDINGS_EVENT(Pose, "pose", place);

tidings::Event of(const Pose& pose) { return tidings::typed(pose); }
