#include "client_wasm/share_message.h"

#include <cstring>

namespace tidings {
namespace {

constexpr std::uint32_t kMagic = 0x54494401;  // its last byte is the layout's version
constexpr std::size_t kTexts = 4;
constexpr std::uint64_t kLastTerm = std::uint64_t(1) << 53;  // they begin as milliseconds since 1970

struct Head {
  std::uint32_t magic, kind, from, to, state, reason;
  std::uint32_t lengths[kTexts];
  SharePosition position, before;
};

}  // namespace

std::string ShareMessage::encode() const {
  const std::string_view texts[kTexts] = {type, data, id, origin};
  Head head{kMagic, std::uint32_t(kind), from, to, std::uint32_t(state), std::uint32_t(reason), {}, position, before};
  std::size_t size = sizeof head;
  for (std::size_t i = 0; i < kTexts; ++i) {
    head.lengths[i] = std::uint32_t(texts[i].size());
    size += texts[i].size();
  }
  std::string bytes;
  bytes.reserve(size);
  bytes.append(reinterpret_cast<const char*>(&head), sizeof head);
  for (const std::string_view text : texts) bytes.append(text);
  return bytes;
}

std::optional<ShareMessage> ShareMessage::decode(std::string_view bytes) {
  Head head;
  if (bytes.size() < sizeof head) return std::nullopt;
  std::memcpy(&head, bytes.data(), sizeof head);
  if (head.magic != kMagic || head.kind > std::uint32_t(Kind::kState) ||
      head.state > std::uint32_t(EventSource::State::kClosed) ||
      head.reason > std::uint32_t(EventSource::Reason::kUnavailable) || head.position.term > kLastTerm) {
    return std::nullopt;
  }
  ShareMessage message;
  std::string_view* const texts[kTexts] = {&message.type, &message.data, &message.id, &message.origin};
  std::string_view rest = bytes.substr(sizeof head);
  for (std::size_t i = 0; i < kTexts; ++i) {
    if (head.lengths[i] > rest.size()) return std::nullopt;
    *texts[i] = rest.substr(0, head.lengths[i]);
    rest.remove_prefix(head.lengths[i]);
  }
  if (!rest.empty()) return std::nullopt;
  message.kind = Kind(head.kind);
  message.from = head.from;
  message.to = head.to;
  message.state = EventSource::State(head.state);
  message.reason = EventSource::Reason(head.reason);
  message.position = head.position;
  message.before = head.before;
  return message;
}

}  // namespace tidings
