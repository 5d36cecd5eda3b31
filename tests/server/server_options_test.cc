#include "tidings/server/server_options.h"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>

#include "tidings/server/server.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

TEST(ServerOptions, WhatAServerIsUnlessToldOtherwiseIsRight) { EXPECT_NO_THROW(check({})); }

TEST(ServerOptions, WhatNoServerCanBeMadeOfIsASentenceThatNamesIt) {
  struct Row {
    const char* name;
    void (*spoil)(ServerOptions&);
  };
  for (const Row& row : {
           Row{"host", [](ServerOptions& options) { options.host = ""; }},
           Row{"threads", [](ServerOptions& options) { options.threads = 0; }},
           Row{"processors has 8191, on which this process can't run: it runs on ",
               [](ServerOptions& options) { options.processors = {8191}; }},
           Row{"processors has 4000000000", [](ServerOptions& options) { options.processors = {4'000'000'000}; }},
           Row{"tcp must be true", [](ServerOptions& options) { options.tcp = false; }},
           Row{"unix_mode", [](ServerOptions& options) { options.unix_mode = 01777; }},
           Row{"workers", [](ServerOptions& options) { options.workers = 0; }},
           Row{"work_threads", [](ServerOptions& options) { options.work_threads = 0; }},
           Row{"max_waiting_work", [](ServerOptions& options) { options.max_waiting_work = 0; }},
           Row{"\"nobody\" is no proxy", [](ServerOptions& options) { options.trusted_proxies = {"nobody"}; }},
           Row{"proxy_protocol needs trusted_proxies", [](ServerOptions& options) { options.proxy_protocol = true; }},
           Row{"max_head_bytes", [](ServerOptions& options) { options.max_head_bytes = 0; }},
           Row{"max_waiting_requests", [](ServerOptions& options) { options.max_waiting_requests = 0; }},
           Row{"head_timeout", [](ServerOptions& options) { options.head_timeout = 0ms; }},
           Row{"body_timeout", [](ServerOptions& options) { options.body_timeout = -1s; }},
           Row{"keep_alive", [](ServerOptions& options) { options.keep_alive = -1ms; }},
           Row{"write_timeout", [](ServerOptions& options) { options.write_timeout = 0ms; }},
           Row{"heartbeat", [](ServerOptions& options) { options.heartbeat = 0ms; }},
           Row{"heartbeat", [](ServerOptions& options) { options.heartbeat = std::chrono::milliseconds::max(); }},
           Row{"reconnection_time", [](ServerOptions& options) { options.reconnection_time = -1s; }},
           Row{"shutdown_delay", [](ServerOptions& options) { options.shutdown_delay = -1ms; }},
           Row{"drain_time", [](ServerOptions& options) { options.drain_time = -1ms; }},
           Row{"stop_timeout", [](ServerOptions& options) { options.stop_timeout = -1ms; }},
           Row{"limits.max_streams", [](ServerOptions& options) { options.limits.max_streams = 0; }},
           Row{"max_streams_per_client", [](ServerOptions& options) { options.limits.max_streams_per_client = 0; }},
           Row{"max_channels", [](ServerOptions& options) { options.channels.max_channels = 0; }},
           Row{"history.max_events", [](ServerOptions& options) { options.channels.channel.history.max_events = 0; }},
           Row{"history.max_bytes", [](ServerOptions& options) { options.channels.channel.history.max_bytes = 0; }},
           Row{"gather_time", [](ServerOptions& options) { options.channels.channel.gather_time = -1ms; }},
           Row{"channels.named",
               [](ServerOptions& options) {
                 options.channels.named = {{"a b", {}}};
               }},
           Row{"named[\"a\"].options.gather_time",
               [](ServerOptions& options) {
                 options.channels.named = {{"a", {.gather_time = -1ms}}};
               }},
           Row{"named[\"a\"].options.history.max_age",
               [](ServerOptions& options) {
                 options.channels.named = {{"a", {.history = {.max_age = 1s}}}};
               }},
           Row{"history.max_age", [](ServerOptions& options) { options.channels.channel.history.max_age = -1s; }},
       }) {
    ServerOptions options;
    row.spoil(options);
    try {
      Server server(options);
      ADD_FAILURE() << row.name << " was taken";
    } catch (const std::invalid_argument& error) {
      EXPECT_NE(std::string(error.what()).find(row.name), std::string::npos) << error.what();
    }
  }
}

TEST(ServerOptions, AnEmptyTokenIsRefusedWhenTheChannelsAreServed) {
  Server server;
  EXPECT_THROW(server.serve_channels({.token = ""}), std::invalid_argument);
}

}  // namespace
}  // namespace tidings
