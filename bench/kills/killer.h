// Kills a process at a moment of its life, or has it stop, from a thread of its own. One thread at a time.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <random>
#include <thread>

namespace tidings::bench {

// When, and what is done then.
struct Moment {
  enum class Kind {
    kStarting,    // so soon that it may not listen yet
    kUnderLoad,   // while it serves
    kCheckpoint,  // once it takes its log into its database
    kStopping,    // while it stops, after a SIGTERM
    kStop,        // never: it gets a SIGTERM and is left alone
  };
  static constexpr std::size_t kKinds = 5;

  Kind kind = Kind::kUnderLoad;
  std::chrono::microseconds after_start{0};  // from then on a checkpoint is waited for, or it is told to stop
  std::chrono::microseconds more{0};         // until it is killed, from what `kind` says on

  static Moment any(std::mt19937_64& random);
};

class Killer {
 public:
  enum class End {
    kKilled,
    kStopped,  // it was told to stop, and may have ended or not
    kItself,   // it had ended before anything was sent to it
  };

  // From now on. `database` is the file that a checkpoint writes to.
  Killer(pid_t process, const Moment& moment, std::filesystem::path database);
  ~Killer();

  // Waits until all is done. The process must not be waited for before.
  End wait();
  // After that: the moment's kind, or kUnderLoad where no checkpoint came in time.
  Moment::Kind kind() const { return moment_.kind; }

 private:
  void run();

  int process_;  // a descriptor: its number is never another process
  Moment moment_;
  const std::filesystem::path database_;
  End end_ = End::kItself;
  std::thread thread_;
};

}  // namespace tidings::bench
