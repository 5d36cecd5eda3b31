#include "tidings/tests/client_wasm/share/fake_tabs.h"

#include <algorithm>
#include <cstring>

extern "C" {
char* tidings_text(std::size_t size);
void tidings_share_take(tidings::SharedStream* stream, char* bytes, std::size_t length);
void tidings_share_lead(tidings::SharedStream* stream);
}

namespace tidings {
namespace {
FakeTabs* tabs = nullptr;
}

FakeTabs::FakeTabs() { tidings::tabs = this; }
FakeTabs::~FakeTabs() { tidings::tabs = nullptr; }

bool FakeTabs::grant() {
  if (is_granted_ || waiting_.empty()) return false;
  is_granted_ = true;
  tidings_share_lead(waiting_.front());
  return true;
}

void FakeTabs::steal() {
  SharedStream* const tab = waiting_.front();
  waiting_.pop_front();
  is_granted_ = false;
  tidings_share_lead(tab);
}

bool FakeTabs::is_next(std::size_t index) const {
  const auto same = [&](const Letter& letter) {
    return letter.from == letters_[index].from && letter.to == letters_[index].to;
  };
  return std::none_of(letters_.begin(), letters_.begin() + std::ptrdiff_t(index), same);
}

std::size_t FakeTabs::deliverable() const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < letters_.size(); ++i) count += is_next(i) ? 1 : 0;
  return count;
}

bool FakeTabs::deliver(std::size_t which) {
  for (std::size_t i = 0; i < letters_.size(); ++i) {
    if (!is_next(i) || which-- != 0) continue;
    const Letter letter = letters_[i];
    letters_.erase(letters_.begin() + std::ptrdiff_t(i));
    post_to(letter.to, letter.bytes);
    return true;
  }
  return false;
}

void FakeTabs::settle() {
  while (deliver(0) || grant()) {
  }
}

void FakeTabs::post_to(SharedStream* tab, std::string_view bytes) {
  char* const at = tidings_text(bytes.size());
  std::copy(bytes.begin(), bytes.end(), at);
  tidings_share_take(tab, at, bytes.size());
}

void FakeTabs::post(SharedStream* from, std::string_view bytes) {
  ++posted;
  for (SharedStream* const to : tabs) {
    if (to != from) letters_.push_back({from, to, std::string(bytes)});
  }
}

// What it has posted is on its way nevertheless; what was for it is lost.
void FakeTabs::close(SharedStream* tab) {
  tabs.erase(std::remove(tabs.begin(), tabs.end(), tab), tabs.end());
  letters_.erase(
      std::remove_if(letters_.begin(), letters_.end(), [&](const Letter& letter) { return letter.to == tab; }),
      letters_.end());
  if (holder() == tab) is_granted_ = false;
  waiting_.erase(std::remove(waiting_.begin(), waiting_.end(), tab), waiting_.end());
}

}  // namespace tidings

extern "C" {

bool tidings_share_open(tidings::SharedStream* stream, const char*, std::size_t, bool) {
  if (!tidings::tabs->can_share) return false;
  tidings::tabs->open(stream);
  return true;
}
void tidings_share_post(tidings::SharedStream* stream, const tidings::ShareMessage* message, std::size_t length) {
  tidings::tabs->post(stream, std::string_view(reinterpret_cast<const char*>(message), length));
}
void tidings_share_close(tidings::SharedStream* stream) { tidings::tabs->close(stream); }
}
