#include "tidings/server/tokens/token_keys_file.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <condition_variable>
#include <cstddef>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace tidings {
namespace {

constexpr std::size_t kMostBytes = 256 * 1024;
constexpr std::chrono::seconds kInterval{1};

}  // namespace

TokenKeysFile::TokenKeysFile(std::string path) : path_(std::move(path)), stamp_(stamp()), keys_(read()) {}

TokenKeysFile::Stamp TokenKeysFile::stamp() const {
  struct stat status {};
  if (stat(path_.c_str(), &status) != 0) return {};
  return {status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size, status.st_ino};
}

TokenKeys TokenKeysFile::read() const {
  struct stat status {};
  std::string text(kMostBytes + 1, '\0');
  std::ifstream file;
  if (stat(path_.c_str(), &status) == 0 && S_ISREG(status.st_mode)) file.open(path_, std::ios::binary);
  if (!file.is_open()) {
    throw std::runtime_error("The file " + path_ + " can't be read: give --token_keys one that holds keys.");
  }
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMostBytes) throw std::runtime_error("The file " + path_ + " is longer than 256 KiB.");
  try {
    return TokenKeys::from(text);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error("The file " + path_ + ' ' + error.what() + '.');
  }
}

TokenKeys TokenKeysFile::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

void TokenKeysFile::look(const std::function<void(TokenKeys)>& take) {
  const std::lock_guard lock(mutex_);
  const Stamp now = stamp();
  if (now == stamp_) return;
  stamp_ = now;
  try {
    keys_ = read();
    take(keys_);
    spdlog::info("The keys of tokens were read again from {}.", path_);
  } catch (const std::exception& error) {
    spdlog::error("The keys of tokens stay those that were read before. {}", error.what());
  }
}

void TokenKeysFile::follow(std::function<void(TokenKeys)> take) {
  thread_ = std::jthread([this, take = std::move(take)](const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
      never.wait_for(lock, stop, kInterval, [] { return false; });
      if (!stop.stop_requested()) look(take);
    }
  });
}

}  // namespace tidings
