#include "tidings/server/subscribers/shared_event.h"

#include <algorithm>

#include "tidings/server/subscribers/broadcaster.h"

namespace tidings {

std::string_view SharedEvent::find(std::span<const Subscriber> subscribers, const Form& form) const {
  const auto is_there = [](const Subscriber& each, const Place& place) {
    return each.broadcaster.get() == place.broadcaster && each.cursor.is_at(place.next, place.epoch);
  };
  const bool is_same = !bytes_.empty() && form == form_ &&
                       std::equal(subscribers.begin(), subscribers.end(), places_.begin(), places_.end(), is_there);
  return is_same ? std::string_view(bytes_) : std::string_view();
}

void SharedEvent::keep(std::span<const Subscriber> subscribers, const Form& form, std::string_view bytes) {
  forget();
  places_.clear();
  for (const Subscriber& each : subscribers) {
    if (each.cursor.is_behind()) return;
    places_.push_back({each.broadcaster.get(), each.cursor.epoch(), each.cursor.next()});
  }
  form_ = form;
  bytes_ = bytes;
}

}  // namespace tidings
