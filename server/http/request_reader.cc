#include "tidings/server/http/request_reader.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "tidings/server/http/text.h"

namespace tidings {
namespace {

constexpr std::size_t kMaxChunkLine = 256;
constexpr std::size_t kMostBlankLines = 16;
constexpr std::size_t kMaxTrailerBytes = 4096;

// Called for each byte of a head, so the compiler is to see through them.
constexpr auto is_visible = [](char c) { return c > ' ' && c < 0x7F; };
constexpr auto is_field_character = [](char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= ' ' && byte != 0x7F);
};

constexpr std::string_view kMultipart = "multipart/";

bool is_dropped(std::string_view name) {
  static constexpr std::string_view kDropped[] = {"trailer",     "range",      "if-range",  "remote_addr",
                                                  "remote_port", "local_addr", "local_port"};
  return std::any_of(std::begin(kDropped), std::end(kDropped),
                     [&](std::string_view each) { return equal_but_for_case(name, each); });
}

// The path and the query of a target, which may be in absolute form: then it is what comes behind the host.
std::string path_of(std::string_view target) {
  constexpr std::string_view kScheme = "http://";
  if (!equal_but_for_case(target.substr(0, kScheme.size()), kScheme)) return std::string(target);
  const std::size_t end = target.find_first_of("/?#", kScheme.size());
  const std::string_view rest = end == std::string_view::npos ? std::string_view() : target.substr(end);
  return rest.starts_with('/') ? std::string(rest) : '/' + std::string(rest);
}

// Takes the next line of a head that has one, without its CRLF.
std::string_view next_line(std::string_view& head) {
  const std::size_t end = head.find("\r\n");
  const std::string_view line = head.substr(0, end);
  head.remove_prefix(end + 2);
  return line;
}

}  // namespace

std::size_t RequestReader::feed(std::string_view bytes) {
  const std::string_view given = bytes;
  if (state_ == State::kEmpty || state_ == State::kHead) bytes.remove_prefix(read_head(bytes));
  if (state_ == State::kBody) bytes.remove_prefix(read_body(bytes));
  return given.size() - bytes.size();
}

std::optional<std::string_view> RequestReader::origin() const {
  std::optional<std::string_view> origin;
  std::string_view rest = head_;
  while (rest.find("\r\n") != std::string_view::npos) {
    const std::string_view line = next_line(rest);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !equal_but_for_case(line.substr(0, colon), "origin")) continue;
    if (origin) return std::nullopt;
    origin = trimmed(line.substr(colon + 1));
  }
  return origin;
}

bool RequestReader::take_expectation() { return std::exchange(expects_continue_, false); }

std::size_t RequestReader::read_head(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    const std::size_t line_feed = bytes.find('\n', taken);
    const std::size_t end = line_feed == std::string_view::npos ? bytes.size() : line_feed + 1;
    if (head_.size() + (end - taken) > limits_.max_head_bytes) {
      refuse(431, "The request's head is too large: shorten its target, cookies or other header fields.");
      return taken;
    }
    head_.append(bytes.substr(taken, end - taken));
    taken = end;
    if (line_feed == std::string_view::npos) break;
    if (!head_.ends_with("\r\n")) {
      refuse(400, "A line of the request's head ends with a bare LF: end it with CRLF.");
      return taken;
    }
    if (head_.size() == 2) {
      head_.clear();  // a few blank lines before a request line are skipped
      if (++blank_lines_ > kMostBlankLines) {
        refuse(400, "There are blank lines where a request should begin.");
        return taken;
      }
    } else if (head_.ends_with("\r\n\r\n")) {
      interpret_head();
      return taken;
    }
  }
  state_ = head_.empty() ? State::kEmpty : State::kHead;
  return taken;
}

void RequestReader::interpret_head() {
  std::string received = std::exchange(head_, {});
  head_.reserve(received.size());
  interpret_lines(received);
  if (state_ == State::kRefused) head_ = std::move(received);
}

void RequestReader::interpret_lines(std::string_view rest) {
  const std::string_view request_line = next_line(rest);
  if (!interpret_request_line(request_line)) return;
  for (std::string_view line = next_line(rest); !line.empty(); line = next_line(rest)) {
    if (!interpret_field(line)) return;
  }
  if (hosts_ != 1 && !(is_http_1_0_ && hosts_ == 0)) {
    refuse(400, "The request must have exactly one Host field.");
  } else if (is_chunked_ && (has_length_ || is_http_1_0_)) {
    refuse(400, "The request has both Transfer-Encoding and Content-Length, or is HTTP/1.0 with Transfer-Encoding.");
  } else if (length_ > limits_.max_body_bytes) {
    refuse(413, "The request's body is too large.");
  } else if (is_chunked_ || length_ > 0) {
    state_ = State::kBody;
  } else {
    complete();
  }
}

bool RequestReader::interpret_request_line(std::string_view line) {
  if (line.starts_with("PROXY ")) {
    return refuse(400, "The PROXY protocol is taken from trusted proxies, once at the begin, and only where it is on.");
  }
  const std::size_t method_end = line.find(' ');
  const std::size_t target_end = line.rfind(' ');
  if (method_end == std::string_view::npos || target_end <= method_end) {
    return refuse(400, "The request line must be a method, a target and HTTP/1.1, with one space between them.");
  }
  const std::string_view method = line.substr(0, method_end);
  const std::string_view target = line.substr(method_end + 1, target_end - method_end - 1);
  const std::string_view version = line.substr(target_end + 1);
  if (!is_token(method) || target.empty() || !std::all_of(target.begin(), target.end(), is_visible)) {
    return refuse(400, "The request line must be a method, a target and HTTP/1.1, with one space between them.");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return refuse(version.starts_with("HTTP/") ? 505 : 400, "This server speaks HTTP/1.1 and HTTP/1.0.");
  }
  is_http_1_0_ = version == "HTTP/1.0";
  keep_alive_ = !is_http_1_0_;
  is_head_request_ = method == "HEAD";
  head_.append(method).append(" ").append(path_of(target)).append(" ").append(version).append("\r\n");
  return true;
}

bool RequestReader::interpret_field(std::string_view line) {
  if (++fields_ > limits_.max_fields) return refuse(431, "The request has too many header fields.");
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, std::min(colon, line.size()));
  if (colon == std::string_view::npos || !is_token(name)) {
    return refuse(400,
                  "A header field must be a name, a colon and a value on one line, with no space before the colon.");
  }
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (!std::all_of(value.begin(), value.end(), is_field_character)) {
    return refuse(400, "A header field's value holds a control character.");
  }
  if (name.size() + 2 + value.size() > limits_.max_field_bytes) {
    return refuse(431, "A header field of the request is too long.");
  }
  if (equal_but_for_case(name, "content-length")) {
    if (std::exchange(has_length_, true)) return refuse(400, "The request has more than one Content-Length.");
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length_);
    if (value.empty() || end != value.data() + value.size() || error == std::errc::invalid_argument) {
      return refuse(400, "Content-Length must be a decimal number.");
    }
    if (error != std::errc()) return refuse(413, "The request's body is too large.");
    return true;
  }
  if (equal_but_for_case(name, "transfer-encoding")) {
    if (is_chunked_ || !equal_but_for_case(value, "chunked")) {
      return refuse(501, "The only Transfer-Encoding that this server takes is chunked, once.");
    }
    return is_chunked_ = true;
  }
  if (equal_but_for_case(name, "expect")) {
    if (!equal_but_for_case(value, "100-continue")) return refuse(417, "The only expectation met is 100-continue.");
    expects_continue_ = !is_http_1_0_;
    return true;
  }
  if (equal_but_for_case(name, "connection")) {
    if (has_list_member(value, "close")) keep_alive_ = false;
    return true;
  }
  if (equal_but_for_case(name, "content-encoding") && !equal_but_for_case(value, "identity")) {
    return refuse(415, "The body's Content-Encoding is not taken: send it as it is.");
  }
  if (equal_but_for_case(name, "content-type") && !limits_.allow_multipart &&
      equal_but_for_case(value.substr(0, kMultipart.size()), kMultipart)) {
    return refuse(415, "This server takes no multipart bodies: send the content alone.");
  }
  if (is_dropped(name)) return true;
  if (equal_but_for_case(name, "host")) ++hosts_;
  head_.append(name).append(": ").append(value).append("\r\n");
  return true;
}

std::size_t RequestReader::read_body(std::string_view bytes) {
  if (is_chunked_) return read_chunked(bytes);
  const std::size_t taken = std::min<std::size_t>(bytes.size(), length_ - body_.size());
  body_.append(bytes.substr(0, taken));
  if (body_.size() == length_) complete();
  return taken;
}

std::size_t RequestReader::read_chunked(std::string_view bytes) {
  const std::size_t given = bytes.size();
  while (state_ == State::kBody && !bytes.empty()) {
    if (chunk_ == Chunk::kData) {
      const std::size_t taken = std::min<std::size_t>(bytes.size(), length_);
      body_.append(bytes.substr(0, taken));
      bytes.remove_prefix(taken);
      length_ -= taken;
      if (length_ == 0) chunk_ = Chunk::kDataEnd;
      continue;
    }
    if (!take_line(bytes)) continue;
    if (chunk_ == Chunk::kSize) {
      interpret_chunk_size();
    } else if (chunk_ == Chunk::kDataEnd) {
      if (line_.empty()) {
        chunk_ = Chunk::kSize;
      } else {
        refuse(400, "A chunk of the body is longer than it said.");
      }
    } else if (line_.empty()) {
      complete();
    }
    line_.clear();
  }
  return given - bytes.size();
}

bool RequestReader::take_line(std::string_view& bytes) {
  const std::size_t line_feed = bytes.find('\n');
  const std::size_t end = line_feed == std::string_view::npos ? bytes.size() : line_feed + 1;
  const bool is_trailer = chunk_ == Chunk::kTrailer;
  if (is_trailer) trailer_bytes_ += end;
  if (is_trailer ? trailer_bytes_ > kMaxTrailerBytes : line_.size() + end > kMaxChunkLine) {
    return refuse(is_trailer ? 431 : 400, "The framing of the chunked body is too long.");
  }
  line_.append(bytes.substr(0, end));
  bytes.remove_prefix(end);
  if (line_feed == std::string_view::npos) return false;
  if (!line_.ends_with("\r\n")) return refuse(400, "A line of the chunked body's framing ends with a bare LF.");
  line_.resize(line_.size() - 2);
  return true;
}

void RequestReader::interpret_chunk_size() {
  std::uint64_t size = 0;
  const char* const begin = line_.data();
  const auto [end, error] = std::from_chars(begin, begin + line_.size(), size, 16);
  const std::string_view extension = trimmed(std::string_view(line_).substr(static_cast<std::size_t>(end - begin)));
  const bool is_extension = extension.empty() || extension.starts_with(';');
  if (error == std::errc::invalid_argument || !is_extension ||
      !std::all_of(extension.begin(), extension.end(), is_field_character)) {
    refuse(400, "A chunk's size must be a hexadecimal number.");
  } else if (error != std::errc() || size > limits_.max_body_bytes - body_.size()) {
    refuse(413, "The request's body is too large.");
  } else {
    length_ = size;
    chunk_ = size > 0 ? Chunk::kData : Chunk::kTrailer;
  }
}

void RequestReader::complete() {
  if (is_chunked_ || has_length_) head_.append("Content-Length: ").append(std::to_string(body_.size())).append("\r\n");
  head_.append("\r\n");
  state_ = State::kWhole;
}

bool RequestReader::refuse(int status, std::string_view sentence) {
  state_ = State::kRefused;
  refusal_ = {status, sentence};
  return false;
}

}  // namespace tidings
