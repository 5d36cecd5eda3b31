// Collects one HTTP/1.1 request from bytes as they come, bounded, and settles where it ends.
// Source: RFC 9112 (message syntax, sections "Message Format", "Message Body" and "Connection Management") and RFC
// 9110. Strict, since it decides what the next request on the connection is: bare LF, folded lines, two lengths and
// anything else that two readers could understand differently is refused. It frames and does not interpret: what it
// passes on is a head without framing fields and the decoded body, for the HTTP library behind it. Knows no socket and
// no time. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tidings {

class RequestReader {
 public:
  struct Limits {
    std::size_t max_head_bytes = 16 * 1024;
    std::size_t max_fields = 100;
    std::size_t max_body_bytes = 1024 * 1024;
    std::size_t max_field_bytes = 8190;  // of `name: value`; the HTTP library takes no more
    // Whether bodies of multipart types are taken. The HTTP library needs half a minute of a thread for some of a
    // megabyte.
    bool allow_multipart = false;
  };

  enum class State {
    kEmpty,    // nothing of a request has come
    kHead,     // a part of the head has come
    kBody,     // the head is whole, the body is not
    kWhole,    // head() and body() are complete; the rest of the bytes belongs to the next request
    kRefused,  // for good: refusal() says why
  };

  struct Refused {
    int status;
    std::string_view sentence;
  };

  explicit RequestReader(Limits limits) : limits_(limits) {}

  // Takes bytes until the request is whole or refused; returns how many it took.
  std::size_t feed(std::string_view bytes);

  State state() const { return state_; }
  Refused refusal() const { return refusal_; }

  // From kBody on: whether the client waits for `100 Continue` before it sends the body. True once at most.
  bool take_expectation();

  // In kWhole: the request line, whose target is a path even where an absolute one was sent; the header fields, each on
  // one line, `name: value`; and the blank line. Left out are Connection, Content-Length, Expect, Trailer and
  // Transfer-Encoding, which the reader has dealt with, Range and If-Range, which a server may ignore, and REMOTE_… and
  // LOCAL_…, which the HTTP library makes up itself. Where there is a body, it has a Content-Length of the reader's.
  const std::string& head() const { return head_; }
  const std::string& body() const { return body_; }
  // Memory that it keeps for a request, whatever its state: up to twice as much as has come.
  std::size_t kept_bytes() const { return head_.capacity() + body_.capacity() + line_.capacity(); }
  // In kBody: the head as it will be in kWhole, but for Content-Length.
  std::string head_alone() const { return head_ + "\r\n"; }
  // head() and body(), moved out.
  std::string take_head() { return std::move(head_); }
  std::string take_body() { return std::move(body_); }
  // In every state until take_head(): the value of the Origin field, as far as the head has come, so that a refusal can
  // be read by the page that caused it. Empty where there is none, or more than one.
  std::optional<std::string_view> origin() const;
  bool is_head_request() const { return is_head_request_; }
  bool is_http_1_0() const { return is_http_1_0_; }
  // Whether the client wants the connection to stay open.
  bool keep_alive() const { return keep_alive_; }

 private:
  enum class Chunk { kSize, kData, kDataEnd, kTrailer };

  std::size_t read_head(std::string_view bytes);
  std::size_t read_body(std::string_view bytes);
  std::size_t read_chunked(std::string_view bytes);
  // Moves a line of the chunk framing into line_. True when it is whole.
  bool take_line(std::string_view& bytes);
  void interpret_head();
  void interpret_lines(std::string_view rest);
  bool interpret_request_line(std::string_view line);
  bool interpret_field(std::string_view line);
  void interpret_chunk_size();
  void complete();
  bool refuse(int status, std::string_view sentence);  // always false

  Limits limits_;
  State state_ = State::kEmpty;
  Refused refusal_{};
  std::string head_;  // as received, then, unless it is refused, as passed on
  std::string body_;
  std::string line_;
  std::size_t blank_lines_ = 0;  // before the request line
  std::size_t fields_ = 0;
  std::size_t hosts_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::uint64_t length_ = 0;  // of the body, or what is left of the chunk
  Chunk chunk_ = Chunk::kSize;
  bool has_length_ = false;
  bool is_chunked_ = false;
  bool is_http_1_0_ = false;
  bool expects_continue_ = false;
  bool keep_alive_ = true;
  bool is_head_request_ = false;
};

}  // namespace tidings
