#include "tidings/server/http/admission.h"

namespace tidings {

Pass::~Pass() {
  if (slot_) slot_->give(problem(500, "Whoever was to decide about this request has not."));
}

}  // namespace tidings
