// What an application does with http(), beside the routes of ours: its routes, mount points and hooks, and what of them
// must not end the process.
#include <gtest/gtest.h>
#include <httplib.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tidings/server/server.h"
#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using httplib::Server;

EventStream silent(Loop& loop) {
  co_await loop.sleep(24h);
  co_yield Event("");
}

ClientResponse ask(const RunningServer& running, std::string_view line, std::string_view rest = "\r\n") {
  Client client = running.connect();
  client.send(std::string(line) + " HTTP/1.1\r\nHost: h\r\n" + std::string(rest));
  return client.response(line.starts_with("HEAD"));
}

// Threads have the least stack that Linux gives them by default, as where stacks are unlimited.
class SmallStacks {
 public:
  SmallStacks() {
    pthread_attr_init(&before_);
    pthread_getattr_default_np(&before_);
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, std::size_t{2} << 20);
    pthread_setattr_default_np(&small);
  }
  ~SmallStacks() { pthread_setattr_default_np(&before_); }

 private:
  pthread_attr_t before_;
};

TEST(HttpRoutes, NoPathIsTooLongForTheStackOfAWorker) {
  const SmallStacks small;
  RunningServer running([](tidings::Server& server) {
    server.serve_channels({.token = "secret"});
    server.get("/files/*path",
               [](const Request& request) { return Answer{.body = std::to_string(request.captures.at(0).size())}; });
    server.http().Get("/app/((((((((x|y)|z)|w))))+))*",
                      [](const httplib::Request& request, httplib::Response& response) {
                        response.set_content(std::to_string(request.path.size()), "text/plain");
                      });
    server.http().Get("/any/(.*)", [](const httplib::Request&, httplib::Response&) {});
  });
  const std::string xs(8000, 'x');
  EXPECT_EQ(ask(running, "GET /files/" + xs).body, "8000");
  EXPECT_EQ(ask(running, "GET /channels/" + xs).status, 400);
  EXPECT_EQ(ask(running, "POST /channels/" + xs, "Authorization: Bearer secret\r\nContent-Length: 0\r\n\r\n").status,
            400);
  EXPECT_EQ(ask(running, "DELETE /channels/" + xs).status, 403);
  EXPECT_EQ(ask(running, "PUT /channels/" + xs).status, 405);
  EXPECT_EQ(ask(running, "GET /app/" + xs.substr(0, 251)).body, "256");
  for (const char* method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    EXPECT_EQ(ask(running, std::string(method) + " /app/" + xs.substr(0, 252)).status, 414) << method;
    EXPECT_EQ(ask(running, std::string(method) + " /any/" + xs).status, 414) << method;
  }
}

TEST(HttpRoutes, NoPartOfAMultipartBodyIsTooLongForTheStackOfAWorker) {
  const SmallStacks small;
  RunningServer running(
      [](tidings::Server& server) {
        server.http().Post("/form", [](const httplib::Request&, httplib::Response& response) {
          response.set_content("taken", "text/plain");
        });
      },
      {.allow_multipart = true});
  const auto upload = [&](std::size_t name_size) {
    const std::string body = "--b\r\nCONTENT-Disposition: form-data; name=\"" + std::string(name_size, 'x') +
                             "\"\r\n\r\n" + std::string(100'000, 'y') + "\r\n--b--\r\n";
    return ask(running, "POST /form",
               "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: " + std::to_string(body.size()) +
                   "\r\n\r\n" + body);
  };
  EXPECT_EQ(upload(400).body, "taken");
  EXPECT_EQ(upload(8000).status, 400);
}

TEST(HttpRoutes, TheApplicationsMethodsComeBeforeA405) {
  RunningServer running(
      [](tidings::Server& server) {
        server.get("/both/:name", [](const Request& request) { return Answer{.body = request.captures.at(0)}; });
        server.http().Post("/both/([a-z]+)", [](const httplib::Request& request, httplib::Response& response) {
          response.set_content("posted to " + request.matches[1].str(), "text/plain");
        });
        server.http().Delete("/both/gone",
                             [](const httplib::Request&, httplib::Response& response) { response.status = 404; });
        server.http().Options("/both/own", [](const httplib::Request&, httplib::Response& response) {
          response.set_header("Allow", "everything");
        });
      },
      {.cors_origins = {"https://example.org"}});
  EXPECT_EQ(ask(running, "GET /both/x").body, "x");
  EXPECT_EQ(ask(running, "POST /both/x", "Content-Length: 1\r\n\r\ny").body, "posted to x");
  const ClientResponse refused = ask(running, "PUT /both/x", "Content-Length: 1\r\n\r\ny");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.headers.at("allow"), "GET, HEAD");
  EXPECT_EQ(ask(running, "POST /both/1", "Content-Length: 0\r\n\r\n").status, 405);
  EXPECT_EQ(ask(running, "DELETE /both/gone").status, 404);
  EXPECT_EQ(ask(running, "OPTIONS /both/own").headers.at("allow"), "everything");
  EXPECT_EQ(ask(running, "GET /neither").status, 404);
}

TEST(HttpRoutes, ABodyThatComesLateIsTheApplicationsWhateverRoutesOfOursWouldSayOfItsHead) {
  int hooked = 0;
  std::atomic<int> logged = 0, hooked_behind = 0;
  RunningServer running([&](tidings::Server& server) {
    server.serve_channels({.token = "secret"});
    server.http().set_logger([&](const httplib::Request&, const httplib::Response&) { ++logged; });
    server.http().set_post_routing_handler([&](const httplib::Request&, httplib::Response&) { ++hooked_behind; });
    server.http().Post("/mine", [](const httplib::Request& request, httplib::Response& response) {
      response.set_content(request.body, "text/plain");
    });
    server.http().set_pre_routing_handler([&](const httplib::Request& request, httplib::Response& response) {
      ++hooked;
      if (request.path != "/channels/hooked") return httplib::Server::HandlerResponse::Unhandled;
      response.set_content("by the hook", "text/plain");
      return httplib::Server::HandlerResponse::Handled;
    });
  });
  const auto send_late = [&](const std::string& path) {
    Client client = running.connect();
    client.send("POST " + path + " HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    EXPECT_EQ(client.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("body");
    return client.response();
  };
  EXPECT_EQ(send_late("/mine").body, "body");
  EXPECT_EQ(send_late("/channels/hooked").body, "by the hook");
  EXPECT_EQ(hooked, 2);
  EXPECT_EQ(logged, 2);
  EXPECT_EQ(hooked_behind, 2);
  EXPECT_EQ(send_late("/channels/news").status, 401);
}

TEST(HttpRoutes, AHookComesBeforeEveryRouteWithThePathAsItIs) {
  std::atomic<int> asked = 0;
  RunningServer running([&](tidings::Server& server) {
    server.get("/open/:name", [](const Request&) { return Answer{.body = "open"}; });
    server.get("/closed/*rest", [&](const Request&) { return ++asked, Answer{.body = "closed"}; });
    server.stream("/closed/events", [&](Request, Loop& loop) { return ++asked, silent(loop); });
    server.http().set_pre_routing_handler([](const httplib::Request& request, httplib::Response& response) {
      if (!request.path.starts_with("/closed/")) return Server::HandlerResponse::Unhandled;
      response.status = 403;
      response.set_content("not you: " + request.path, "text/plain");
      return Server::HandlerResponse::Handled;
    });
  });
  EXPECT_EQ(ask(running, "GET /open/x").body, "open");
  for (const char* path : {"/closed/events", "/closed/x", "/closed%2Fevents", "/%63losed/x"}) {
    const ClientResponse response = ask(running, "GET " + std::string(path));
    EXPECT_EQ(response.status, 403) << path;
    EXPECT_TRUE(response.body.starts_with("not you: /closed/")) << path;
  }
  EXPECT_EQ(asked, 0);
}

TEST(HttpRoutes, TheApplicationsHandlersOfErrorsAreForItsOwnRoutes) {
  RunningServer running([](tidings::Server& server) {
    server.get("/ours", [](const Request&) -> Answer { throw Refusal(403, "Not you."); });
    server.http().Get("/theirs",
                      [](const httplib::Request&, httplib::Response&) { throw std::runtime_error("broken"); });
    server.http().set_exception_handler([](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
      response.status = 500;
      response.set_content("their exception", "text/plain");
    });
    server.http().set_error_handler(Server::Handler([](const httplib::Request&, httplib::Response& response) {
      if (response.body.empty()) response.set_content("their error", "text/plain");
    }));
  });
  EXPECT_EQ(ask(running, "GET /ours").status, 403);
  EXPECT_EQ(ask(running, "POST /ours", "Content-Length: 0\r\n\r\n").status, 405);
  EXPECT_EQ(ask(running, "GET /theirs").body, "their exception");
  EXPECT_EQ(ask(running, "GET /nothing").body, "their error");
}

TEST(HttpRoutes, WhatTheApplicationThrowsIsA500AndNothingElse) {
  RunningServer running([](tidings::Server& server) {
    server.get("/hello", [](const Request&) { return Answer{.body = "hello"}; });
    server.http().Get("/handler", [](const httplib::Request&, httplib::Response&) { throw 5; });
    server.http().Get("/provider", [](const httplib::Request&, httplib::Response& response) {
      response.set_content_provider(9, "text/plain",
                                    [](std::size_t, std::size_t, httplib::DataSink&) -> bool { throw 5; });
    });
    server.http().Get("/chunks", [](const httplib::Request&, httplib::Response& response) {
      response.set_chunked_content_provider("text/plain", [](std::size_t, httplib::DataSink& sink) -> bool {
        sink.write("some", 4);
        throw std::runtime_error("broken");
      });
    });
    server.http().Get("/hook", [](const httplib::Request&, httplib::Response&) {});
    server.http().set_post_routing_handler([](const httplib::Request& request, httplib::Response&) {
      if (request.path == "/hook") throw 5;
    });
    server.http().set_logger([](const httplib::Request& request, const httplib::Response&) {
      if (request.path == "/logged") throw 5;
    });
  });
  for (const char* path : {"/handler", "/provider", "/chunks", "/hook", "/logged"}) {
    const ClientResponse response = ask(running, "GET " + std::string(path));
    EXPECT_EQ(response.status, 500) << path;
    EXPECT_EQ(response.headers.at("content-type"), "application/problem+json") << path;
  }
  EXPECT_EQ(ask(running, "GET /hello").body, "hello");
  EXPECT_EQ(running.metric("tidings_failures_total"), 5);
}

TEST(HttpRoutes, AControlCharacterDoesNotCutTheNameOfAFileShort) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "http_routes_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "page.html") << "page";
  RunningServer running([&](tidings::Server& server) {
    server.get("/ours/:name", [](const Request& request) { return Answer{.body = request.captures.at(0)}; });
    ASSERT_TRUE(server.http().set_mount_point("/", folder.string()));
  });
  EXPECT_EQ(ask(running, "GET /page.html").body, "page");
  EXPECT_EQ(ask(running, "GET /page.html%00.png").status, 400);
  EXPECT_EQ(ask(running, "GET /ours/a%00b").body, std::string("a\0b", 3));
  std::filesystem::remove_all(folder);
}

TEST(HttpRoutes, AResponseOfTheApplicationsHasADateOnce) {
  RunningServer running([](tidings::Server& server) {
    server.http().Get("/none", [](const httplib::Request&, httplib::Response& response) {
      response.set_content("Date: in the body\r\n", "text/plain");
    });
    server.http().Get("/own", [](const httplib::Request&, httplib::Response& response) {
      response.set_header("date", "Sun, 06 Nov 1994 08:49:37 GMT");
    });
  });
  EXPECT_EQ(ask(running, "GET /none").headers.at("date"), "Wed, 25 Nov 2026 02:23:20 GMT");
  EXPECT_EQ(ask(running, "GET /own").headers.at("date"), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(HttpRoutes, APatternThatIsNoneIsRefusedWhenItIsAdded) {
  tidings::Server server({.port = 0});
  const auto handler = [](const Request&) { return Answer{}; };
  EXPECT_THROW(server.get("/(.*)", handler), std::invalid_argument);
  EXPECT_THROW(server.stream("events", [](Request, Loop& loop) { return silent(loop); }), std::invalid_argument);
}

}  // namespace
}  // namespace tidings
