#include "tidings/server/server_options.h"

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include "tidings/protocol/channel_rules.h"
#include "tidings/server/loop/processors.h"

namespace tidings {
namespace {

using std::chrono::milliseconds;

// Longer than anything waits, and short enough to be added to any time.
constexpr milliseconds kLongest = std::chrono::hours(24 * 365 * 100);

void require(bool is_right, const std::string& sentence) {
  if (!is_right) throw std::invalid_argument(sentence);
}

void require_at_least_one(std::uint64_t number, const std::string& name) {
  require(number > 0, "ServerOptions::" + name + " must be 1 or more.");
}

void require_time(milliseconds time, milliseconds least, const std::string& name) {
  require(time >= least && time <= kLongest, "ServerOptions::" + name + " must be " + std::to_string(least.count()) +
                                                 " ms or more, and less than 100 years.");
}

// Whether a thread may run there is known when one has tried.
void require_processor(unsigned processor) {
  bool is_there = false;
  std::thread([&] { is_there = Processors::one(processor).take(); }).join();
  require(is_there, "ServerOptions::processors has " + std::to_string(processor) +
                        ", on which this process can't run: it runs on " + Processors::of_this_thread().text() + ".");
}

void check(const Channel::Options& options, const std::string& name) {
  require_at_least_one(options.history.max_events, name + ".history.max_events");
  require_at_least_one(options.history.max_bytes, name + ".history.max_bytes");
  require_time(options.history.max_age, milliseconds(1), name + ".history.max_age");
  require_time(options.gather_time, milliseconds(0), name + ".gather_time");
}

}  // namespace

void check(const ServerOptions& options) {
  require(!options.host.empty(), "ServerOptions::host must be a name or an address, such as localhost or ::.");
  require(options.tcp || !options.unix_sockets.empty() || !options.listening_sockets.empty(),
          "ServerOptions::tcp must be true, or unix_sockets have a path: else nobody can reach the server.");
  require(options.unix_mode <= 0777, "ServerOptions::unix_mode must be permissions of a file, such as 0660.");
  require(!options.proxy_protocol || !options.trusted_proxies.empty(),
          "ServerOptions::proxy_protocol needs trusted_proxies, since it is taken from those alone.");
  require_at_least_one(options.threads.value_or(1), "threads");
  if (options.programs_context) {
    require(options.threads.value_or(1) == 1 && options.processors.empty(),
            "ServerOptions::threads must be 1, and processors be empty, on an io_context of the program's: one loop is "
            "on it, and whoever runs it has the thread.");
  }
  for (const unsigned processor : options.processors) require_processor(processor);
  require_at_least_one(options.workers, "workers");
  require_at_least_one(options.work_threads, "work_threads");
  require_at_least_one(options.max_waiting_work, "max_waiting_work");
  require_at_least_one(options.max_head_bytes, "max_head_bytes");
  require_at_least_one(options.max_waiting_requests, "max_waiting_requests");
  require_at_least_one(options.max_collecting_bytes, "max_collecting_bytes");
  require_at_least_one(options.limits.max_streams, "limits.max_streams");
  require_at_least_one(options.limits.max_streams_per_client.value_or(1), "limits.max_streams_per_client");
  require_at_least_one(options.channels.max_channels, "channels.max_channels");
  require(options.channels.max_measured <= Hub::kMostMeasured,
          "ServerOptions::channels.max_measured must be " + std::to_string(Hub::kMostMeasured) + " or less.");
  check(options.channels.channel, "channels.channel");
  for (const auto& [name, channel] : options.channels.named) {
    require(is_channel_name(name),
            "ServerOptions::channels.named is for names of channels: 1 to 128 of A-Z a-z 0-9 . _ ~ -");
    check(channel, "channels.named[\"" + name + "\"].options");
    require(channel.history.max_age == options.channels.channel.history.max_age,
            "ServerOptions::channels.named[\"" + name +
                "\"].options.history.max_age must be that of channels.channel: it is the same for all channels.");
  }
  require_time(options.head_timeout, milliseconds(1), "head_timeout");
  require_time(options.body_timeout, milliseconds(1), "body_timeout");
  require_time(options.keep_alive, milliseconds(1), "keep_alive");
  require_time(options.answer_timeout, milliseconds(1), "answer_timeout");
  require_time(options.write_timeout, milliseconds(1), "write_timeout");
  require_time(options.heartbeat, milliseconds(1), "heartbeat");
  require_time(options.reconnection_time, milliseconds(1), "reconnection_time");
  require_time(options.pulse_interval, milliseconds(1), "pulse_interval");
  require_time(options.shutdown_delay, milliseconds(0), "shutdown_delay");
  require_time(options.drain_time, milliseconds(0), "drain_time");
  require_time(options.stop_timeout, milliseconds(0), "stop_timeout");
}

}  // namespace tidings
