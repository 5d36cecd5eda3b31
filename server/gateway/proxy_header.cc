#include "tidings/server/gateway/proxy_header.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace tidings {
namespace {

constexpr std::string_view kText = "PROXY ";
constexpr std::string_view kBinary("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kBinaryHead = 16;  // signature, command, family and the length of the rest
constexpr std::size_t kMostText = 107;
// The version is in the upper half of the command.
constexpr unsigned kLocal = 0x20, kProxied = 0x21;
constexpr unsigned kUnspecified = 0x00, kTcp4 = 0x11, kTcp6 = 0x21, kUnixStream = 0x31;

unsigned byte_at(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

std::uint16_t number_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(byte_at(bytes, at) << 8 | byte_at(bytes, at + 1));
}

// Takes what stands before the next space, or all.
std::string_view take_word(std::string_view& line) {
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), word.size() + 1));
  return word;
}

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool is_plain = error == std::errc() && end == text.data() + text.size() && (text[0] != '0' || text == "0");
  return is_plain ? std::optional(port) : std::nullopt;
}

template <class Address>
Peer peer_at(std::string_view bytes, std::size_t address, std::size_t port) {
  typename Address::bytes_type raw;
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(address), raw.size(), raw.begin());
  return {as_itself(Address(raw)), number_at(bytes, port)};
}

}  // namespace

std::size_t ProxyHeader::feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (state_ == State::kPartial && taken < bytes.size()) {
    header_ += bytes[taken++];
    state_ = judge();
  }
  return taken;
}

ProxyHeader::State ProxyHeader::judge() {
  const std::string_view header = header_;
  if (header.starts_with(kText)) return judge_text();
  if (header.starts_with(kBinary)) return judge_binary();
  return kText.starts_with(header) || kBinary.starts_with(header) ? State::kPartial : State::kWrong;
}

// PROXY TCP4 SOURCE DESTINATION PORT PORT, or PROXY UNKNOWN and anything.
ProxyHeader::State ProxyHeader::judge_text() {
  std::string_view line = header_;
  if (!line.ends_with('\n')) return line.size() < kMostText ? State::kPartial : State::kWrong;
  if (!line.ends_with("\r\n")) return State::kWrong;
  line.remove_prefix(kText.size());
  line.remove_suffix(2);
  const std::string_view family = take_word(line);
  if (family == "UNKNOWN") return State::kWhole;
  if (family != "TCP4" && family != "TCP6") return State::kWrong;
  const std::string_view source = take_word(line), destination = take_word(line);
  for (const std::string_view address : {source, destination}) {
    const bool is_ipv6 = address.find(':') != std::string_view::npos;
    if (is_ipv6 != (family == "TCP6") || !parse_address(address)) return State::kWrong;
  }
  const auto source_port = port_of(take_word(line)), destination_port = port_of(line);
  if (!source_port || !destination_port) return State::kWrong;
  source_ = Peer{parse_address(source), *source_port};
  return State::kWhole;
}

ProxyHeader::State ProxyHeader::judge_binary() {
  const std::string_view header = header_;
  if (header.size() < kBinaryHead) return State::kPartial;
  const std::size_t addresses = number_at(header, 14);  // and what is said beside them
  if (kBinaryHead + addresses > kMostBytes) return State::kWrong;
  if (header.size() < kBinaryHead + addresses) return State::kPartial;
  const unsigned command = byte_at(header, 12), family = byte_at(header, 13);
  if (command == kLocal) return State::kWhole;
  if (command != kProxied) return State::kWrong;
  switch (family) {
    case kUnspecified:
    case kUnixStream: return State::kWhole;
    case kTcp4:
      if (addresses < 12) return State::kWrong;
      source_ = peer_at<asio::ip::address_v4>(header, kBinaryHead, kBinaryHead + 8);
      return State::kWhole;
    case kTcp6:
      if (addresses < 36) return State::kWrong;
      source_ = peer_at<asio::ip::address_v6>(header, kBinaryHead, kBinaryHead + 32);
      return State::kWhole;
    default: return State::kWrong;
  }
}

}  // namespace tidings
