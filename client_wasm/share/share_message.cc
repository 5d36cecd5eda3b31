#include "tidings/client_wasm/share/share_message.h"

#include <cstring>
#include <new>

namespace tidings {
namespace {

constexpr std::string_view ShareMessage::*kTexts[] = {&ShareMessage::type, &ShareMessage::data, &ShareMessage::id,
                                                      &ShareMessage::origin};

}  // namespace

ShareMessage* ShareMessage::copy() const {
  ShareMessage* const copy = new (::operator new(size())) ShareMessage(*this);
  copy->next = nullptr;
  copy->may_return = false;
  char* at = reinterpret_cast<char*>(copy + 1);
  for (const auto member : kTexts) {
    std::string_view& text = copy->*member;
    text.copy(at, text.size());
    text = {at, text.size()};
    at += text.size();
  }
  return copy;
}

bool ShareMessage::decode(std::string_view bytes) {
  if (bytes.size() < sizeof *this) return false;
  std::memcpy(static_cast<void*>(this), bytes.data(), sizeof *this);
  const char* at = bytes.data() + sizeof *this;
  std::size_t rest = bytes.size() - sizeof *this;
  for (const auto member : kTexts) {
    const std::size_t size = (this->*member).size();
    if (size > rest) return false;
    this->*member = {at, size};
    at += size;
    rest -= size;
  }
  return rest == 0 && magic == kMagic && std::uint32_t(state) <= std::uint32_t(EventSource::State::kClosed) &&
         std::uint32_t(reason) <= std::uint32_t(EventSource::Reason::kUnavailable) && position >> 63 == 0;
}

}  // namespace tidings
