#include "tidings/server/access/held_to_rate.h"

#include <optional>
#include <utility>
#include <variant>

#include "tidings/server/http/request.h"

namespace tidings {
namespace {

void take(RateLimit& limit, const Clock& clock, const Request& request) {
  const auto wait = limit.take(client_of(request.remote_address), clock.now());
  if (wait)
    throw too_soon("Too many event streams are opened from this address: wait as long as Retry-After says.", *wait);
}

}  // namespace

Refusal too_soon(const std::string& sentence, std::chrono::nanoseconds wait) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait);
  return {429, sentence, {{"Retry-After", std::to_string(seconds.count())}}};
}

AnyAdmission held_to(RateLimit& limit, const Clock& clock, AnyAdmission admit) {
  if (auto* const later = std::get_if<LaterAdmission>(&admit)) {
    return [&limit, &clock, ask = std::move(*later)](const Request& request, Pass pass) {
      take(limit, clock, request);
      ask(request, std::move(pass));
    };
  }
  return [&limit, &clock, ask = std::move(std::get<Admission>(admit))](const Request& request) {
    take(limit, clock, request);
    return ask ? ask(request) : Admitted();
  };
}

}  // namespace tidings
