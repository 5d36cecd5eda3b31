// The field: each server that the benchmark compares, and how it is started. All serve the same two requests, GET
// /channels/load to follow and POST /channels/load to publish.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/server_process.h"

namespace tidings::bench {

struct Contender {
  std::string name;       // as --servers takes it
  std::string title;      // as the table shows it
  std::string serves_on;  // the threads that do the work: equal ones compare
};

class Contenders {
 public:
  // Programs are found beside this one in Bazel's output tree. Makes a folder for what has to be built.
  Contenders();
  Contenders(const Contenders&) = delete;
  Contenders& operator=(const Contenders&) = delete;
  ~Contenders();  // removes it

  static const std::vector<Contender>& all();

  // Builds or installs what the contender needs. Empty, or the sentence that says why it can't take part.
  std::string prepare(const Contender& contender);

  // Starts it and waits until it answers. After prepare(). Throws std::runtime_error.
  std::unique_ptr<ServerProcess> start(const Contender& contender, std::size_t subscribers);

 private:
  std::filesystem::path programs_, rivals_, scratch_;
};

}  // namespace tidings::bench
