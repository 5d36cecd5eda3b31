#include "tidings/server/channels/publication.h"

namespace tidings {

std::string kept_id(Published published) {
  if (published.outcome == History::Outcome::kKept) return std::move(published.id);
  throw NotPublished(published.outcome, "The event was not kept: " + published.why);
}

}  // namespace tidings
