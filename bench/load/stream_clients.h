// Many clients of one event stream, on one thread: connects them, parses what they get, and says when it came.
// Not a reconnecting client: a stream that ends has failed. One thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tidings/bench/load/chunked_body.h"
#include "tidings/bench/load/poller.h"
#include "tidings/bench/load/socket.h"
#include "tidings/protocol/parser.h"

namespace tidings::bench {

class StreamClients {
 public:
  using Time = std::chrono::system_clock::time_point;  // real time, which the deadlines of events are in
  // The client's index, the event, and when the read that completed it returned.
  using OnEvent = std::function<void(std::size_t, const ParsedEvent&, Time)>;

  // Well below the server's backlog, so that no SYN is dropped and sent again a second later.
  static constexpr std::size_t kMostAtOnce = 256;

  struct Options {
    std::vector<std::string> targets = {};  // one for each client, in place of the target that all have; or none at all
    std::vector<std::string> last_event_ids = {};  // one for each client, empty where it has none; or none at all
    std::optional<int> receive_buffer_bytes = {};  // as Socket::connect() takes it
    bool leave_when_open = false;                  // each client closes its stream once that has begun
    bool tells_begin = false;                      // also of `begin`, the server's own: where the stream begins
  };

  StreamClients(std::uint16_t port, std::string_view target, std::size_t count, OnEvent on_event, Options options);
  StreamClients(std::uint16_t port, std::string_view target, std::size_t count, OnEvent on_event)
      : StreamClients(port, target, count, std::move(on_event), Options()) {}

  // Connects all clients, at most `most_at_once` at a time, and returns once they are open or `time` is over.
  void open(std::chrono::seconds time, std::size_t most_at_once = kMostAtOnce);
  // The same for 60 s at most; returns the seconds that it took. Throws std::runtime_error unless each had its
  // response's head, 200 and an event stream.
  double open_all(std::size_t most_at_once = kMostAtOnce);

  // Receives for that long.
  void run(std::chrono::milliseconds time);

  std::size_t size() const { return clients_.size(); }
  std::size_t opened() const { return opened_; }  // clients whose stream is open, or was until we left it
  // When the client began to connect, and when it had its response's head.
  Time begun_at(std::size_t client) const { return clients_[client].begun_at; }
  Time opened_at(std::size_t client) const { return clients_[client].opened_at; }

 private:
  struct Client {
    Socket socket;
    std::unique_ptr<Parser> parser;     // from the end of the head on
    std::optional<ChunkedBody> chunks;  // where the body comes in chunks
    std::string head;
    Time begun_at, opened_at;
  };

  void connect_more(std::size_t most_at_once);
  void take(std::size_t index, std::uint32_t events);
  void receive(std::size_t index);
  std::string_view take_head(Client& client, std::string_view bytes, Time now);
  void parse(std::size_t index, std::string_view content, Time now);
  void fail(Client& client);
  std::string request_of(std::size_t index) const;

  std::uint16_t port_;
  std::string target_;
  OnEvent on_event_;
  Options options_;
  Poller poller_;
  std::vector<Client> clients_;
  std::vector<char> buffer_;
  std::string refusal_;  // the first answer's status line that was not a stream's
  std::size_t begun_ = 0, opened_ = 0;
  std::size_t failed_ = 0;  // refused, not an event stream, not parsed, or ended
};

}  // namespace tidings::bench
