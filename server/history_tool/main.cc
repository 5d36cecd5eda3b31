// The program beside the server that looks after a folder of history.
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "tidings/server/disk/sqlite.h"
#include "tidings/server/history/history_file.h"
#include "tidings/server/history/history_view.h"
#include "tidings/server/history_tool/backup.h"
#include "tidings/server/history_tool/check.h"
#include "tidings/server/history_tool/database_path.h"
#include "tidings/server/history_tool/list.h"
#include "tidings/server/history_tool/print.h"
#include "tidings/server/history_tool/vacuum.h"

namespace {

constexpr int kUsageError = 2;
constexpr std::chrono::milliseconds kPause{10};

constexpr const char* kDescription =
    R"(Looks after the history that a server keeps with --data_dir, also while the server runs.

  history_tool --data_dir /var/lib/tidings list
  history_tool --data_dir /var/lib/tidings print news --after 7c0r1m2p-41
  history_tool --data_dir /var/lib/tidings backup /backups/monday.db

Ends with 0, with 1 when something is wrong, which a sentence says, and with 2 when used wrongly.)";

struct Flags {
  std::string data_dir;
  std::string backup;
  tidings::Printing printing;
};

// Whoever reads the output may have had enough.
void require_written(bool is_written) {
  if (is_written) return;
  if (errno == EPIPE) std::_Exit(0);
  throw std::runtime_error(std::string("The output can't be written: ") + std::strerror(errno));
}

void write(std::string_view bytes) {
  require_written(std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size());
}

// At most once a second, so that short work says nothing.
class Progress {
 public:
  void tell(const std::string& line) {
    const auto now = std::chrono::steady_clock::now();
    if (now - told_ < std::chrono::seconds(1)) return;
    told_ = now;
    std::fprintf(stderr, "%s\n", line.c_str());
  }

 private:
  std::chrono::steady_clock::time_point told_ = std::chrono::steady_clock::now();
};

int check(tidings::HistoryView& view) {
  Progress progress;
  std::uint64_t checked = 0;
  const bool is_sound = tidings::check(
      view, {.tell_fault = [](const std::string& fault) { write(fault + ".\n"); },
             .tell_progress =
                 [&](std::uint64_t channels, std::uint64_t of, std::uint64_t events) {
                   checked = events;
                   progress.tell("Checked " + std::to_string(channels) + " of " + std::to_string(of) + " channels.");
                 }});
  if (is_sound) write("The history is sound: " + std::to_string(checked) + " events were looked at.\n");
  return is_sound ? 0 : 1;
}

void vacuum(const std::string& path) {
  Progress progress;
  const tidings::Vacuumed vacuumed = tidings::vacuum(path, [&](std::int64_t unused_bytes) {
    progress.tell(std::to_string(unused_bytes) + " bytes are still unused.");
    std::this_thread::sleep_for(kPause);  // the server has its turn
  });
  write("Gave " + std::to_string(vacuumed.given_back) + " bytes back; the file has " + std::to_string(vacuumed.left) +
        ".\n");
}

std::shared_ptr<tidings::HistoryView> open_view(const std::filesystem::path& path) {
  try {
    return std::make_shared<tidings::HistoryView>(path, "");
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(tidings::why_not(path, "opened", error));
  }
}

int run(const CLI::App& app, const Flags& flags) {
  const std::filesystem::path path = tidings::database_path(tidings::user_path(flags.data_dir));
  const std::shared_ptr<tidings::HistoryView> view = open_view(path);
  try {
    if (app.got_subcommand("vacuum")) vacuum(path);
    if (app.got_subcommand("list")) write(tidings::table_of(view->overview()));
    if (app.got_subcommand("print")) tidings::print(view, flags.printing, write);
    if (app.got_subcommand("check")) return check(*view);
    if (app.got_subcommand("backup")) {
      const std::filesystem::path file = tidings::user_path(flags.backup);
      write("Wrote " + file.string() + ", " + std::to_string(tidings::back_up(*view, path, file)) + " bytes.\n");
    }
    return 0;
  } catch (const tidings::SqliteError& error) {
    throw std::runtime_error(tidings::why_not(path, "read", error));
  }
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  CLI::App app(kDescription);
  app.name("history_tool");
  app.require_subcommand(1);
  app.fallthrough();  // --data_dir may stand behind the command
  app.add_option("--data_dir,--data-dir", flags.data_dir, "The server's folder, or a backup")->required();
  app.add_subcommand("list", "The channels: how many events and bytes they keep, and from when");
  CLI::App* const print = app.add_subcommand(
      "print", "A channel's events as the stream that the server sends, all that are kept unless a place is given");
  print->add_option("channel", flags.printing.channel, "Its name")->required();
  CLI::Option* const after =
      print->add_option("--after", flags.printing.after, "What a client with this last event ID gets");
  print->add_option("--from", flags.printing.from, "The number of the first event: what stands behind the - of its id")
      ->excludes(after);
  print->add_option("--events", flags.printing.events, "At most so many");
  app.add_subcommand("check",
                     "Looks for damage, prints a sentence for each, and ends with 1 if there is any. The server's log "
                     "grows by what is published meanwhile; a backup can be checked without that");
  app.add_subcommand("vacuum",
                     "Gives space that is no longer used back to the disk, in small steps with pauses for the server");
  app.add_subcommand("backup",
                     "Copies the history as it is now into a new file in another folder. To restore it, start a server "
                     "on a new folder that has it as history.db: its clients are told that they may have missed events")
      ->add_option("file", flags.backup, "The file, which must not be there yet")
      ->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  spdlog::set_level(spdlog::level::off);
  try {
    const int code = run(app, flags);
    require_written(std::fflush(stdout) == 0);
    return code;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
