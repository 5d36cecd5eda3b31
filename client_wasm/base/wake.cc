#include "tidings/client_wasm/base/wake.h"

#include "tidings/client_wasm/base/text.h"

// wake.js: whether to call tidings_wake.
extern "C" void tidings_wake_watch(bool is_on);

namespace tidings {

// All Wakefuls, and the one to which a call that runs goes next: what it calls may destroy any of them.
class WakeCall {
 public:
  static void add(Wakeful* wakeful) {
    if (all_ == nullptr) tidings_wake_watch(true);
    wakeful->next_ = all_;
    all_ = wakeful;
  }

  static void remove(Wakeful* wakeful) {
    if (next_ == wakeful) next_ = wakeful->next_;
    Wakeful** at = &all_;
    while (*at != wakeful) at = &(*at)->next_;
    *at = wakeful->next_;
    if (all_ == nullptr) tidings_wake_watch(false);
  }

  static void run(bool is_asleep) {
    for (Wakeful* wakeful = all_; wakeful != nullptr; wakeful = next_) {
      next_ = wakeful->next_;
      if (is_asleep) {
        wakeful->sleep();
      } else {
        wakeful->wake();
      }
    }
  }

 private:
  static inline Wakeful* all_ = nullptr;
  static inline Wakeful* next_ = nullptr;
};

Wakeful::Wakeful() { WakeCall::add(this); }
Wakeful::~Wakeful() { WakeCall::remove(this); }

}  // namespace tidings

extern "C" TIDINGS_CALLED_BY_JS void tidings_wake(bool is_asleep) { tidings::WakeCall::run(is_asleep); }
