// A MessageSource whose bytes come from the browser's fetch and become events here. It asks for more bytes when it has
// given out what it has, one chunk at a time: so whoever pauses it holds up the server. Not for pages. The page has one
// thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "tidings/client_wasm/base/text.h"
#include "tidings/client_wasm/event_source/message_source.h"
#include "tidings/client_wasm/event_source/reopener.h"
#include "tidings/client_wasm/fetch/fetch_stream.h"
#include "tidings/protocol/parser.h"

namespace tidings {

class FetchConnection final : public MessageSource, private Reopener {
 public:
  FetchConnection(const FetchRequest& request, const Reopening& options);

  // Opens it for the first time; before anybody listens.
  void begin(std::string_view url, const FetchRequest& request, const Reopening& options);

  FetchStream::Refusal refusal() const {
    return {status_, problem_, std::chrono::milliseconds(std::int64_t(retry_after_))};
  }
  void set_field(std::string_view name, std::string_view value);
  void pause();
  void resume();

  // For JavaScript. What an attempt comes to: a stream from this origin, or something else.
  void take_answer(Text origin);
  void take_refusal(int status, double retry_after, Text problem);
  // What a read comes to: bytes, which are ours now, or the stream's end, whole or cut off. That is also what an
  // attempt comes to without an answer.
  void take_bytes(char* bytes, std::size_t length);
  void take_end(bool is_whole);

 private:
  using Reason = EventSource::Reason;
  using State = EventSource::State;

  bool open() override;
  void drop() override;
  void listen(const Type&) override {}  // all events come
  void unlisten(const Type&) override {}
  void shut() override;
  void go_on();

  Text origin_, last_event_id_, problem_;
  Parser::Limits limits_;
  std::unique_ptr<Parser> parser_;  // of the latest attempt
  std::unique_ptr<char[]> chunk_;   // the latest, which the event that is being given out may view
  std::string_view rest_;           // of it, not looked at yet
  double retry_ = 0, retry_after_ = 0;
  int status_ = 0;
  bool is_connected_ = false;  // or an attempt is on its way
  bool is_reading_ = false;    // bytes have been asked for
  bool is_paused_ = false;
  bool is_giving_out_ = false;
};

}  // namespace tidings
