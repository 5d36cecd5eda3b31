#include "tidings/server/program.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "tidings/server/whole_number.h"

namespace tidings {
namespace {

constexpr int kFailed = 1, kUsageError = 2;

}  // namespace

int run_program(int argc, char** argv, const std::function<void(Server&)>& configure, ServerOptions options) {
  CLI::App app("Serves event streams.");
  app.option_defaults()->always_capture_default();
  app.add_option("--host", options.host, "Name or address to listen on");
  app.add_option("--port", options.port, "Port to listen on; 0 takes a free one")->check(whole_number(0, 65535));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  try {
    Server server(options);
    configure(server);
    server.listen();
    server.stop_on_signals();
    std::printf("Listening on %s (Ctrl+C stops it)\n", server.url().c_str());
    std::fflush(stdout);
    server.run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return kFailed;
  }
  return 0;
}

}  // namespace tidings
