#include "tidings/server/http/reply.h"

namespace tidings {

Reply::~Reply() {
  if (slot_) slot_->give(problem(500, "The handler of this path has given no answer."));
}

}  // namespace tidings
