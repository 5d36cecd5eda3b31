// A function object of any kind as a value: what C++ hands to the browser to be called back. It is std::function's part
// that a page needs, for fewer bytes: an instance for a lambda that captures `this` costs the lambda's own code alone.
// Copies share one object, so a copy held during a call keeps alive a callback that removes itself. Not for threads:
// the page has one.
#pragma once

#include <type_traits>
#include <utility>

namespace tidings {

template <typename Signature>
class Callback;

template <typename Result, typename... Arguments>
class Callback<Result(Arguments...)> {
 public:
  Callback() = default;
  template <typename Function, typename = std::enable_if_t<!std::is_same_v<std::decay_t<Function>, Callback>>>
  Callback(Function&& function) : shared_(new Holding<std::decay_t<Function>>(std::forward<Function>(function))) {}
  Callback(const Callback& other) : shared_(other.shared_) {
    if (shared_) ++shared_->holders;
  }
  Callback(Callback&& other) noexcept : shared_(std::exchange(other.shared_, nullptr)) {}
  Callback& operator=(Callback other) noexcept {
    std::swap(shared_, other.shared_);
    return *this;
  }
  ~Callback() {
    if (shared_ && --shared_->holders == 0) shared_->destroy(shared_);
  }

  // False where there is nothing to call.
  explicit operator bool() const { return shared_ != nullptr; }
  Result operator()(Arguments... arguments) const {
    return shared_->call(shared_, std::forward<Arguments>(arguments)...);
  }

 private:
  struct Shared {
    Result (*call)(Shared*, Arguments...);
    void (*destroy)(Shared*);
    unsigned holders = 1;
  };

  template <typename Function>
  struct Holding : Shared {
    template <typename From>
    explicit Holding(From&& from) : Shared{call_this, destroy_this}, function(std::forward<From>(from)) {}
    static Result call_this(Shared* shared, Arguments... arguments) {
      return static_cast<Holding*>(shared)->function(std::forward<Arguments>(arguments)...);
    }
    // Where functions have nothing to destroy, the linker makes one of these of all of them.
    static void destroy_this(Shared* shared) { delete static_cast<Holding*>(shared); }
    Function function;
  };

  Shared* shared_ = nullptr;
};

}  // namespace tidings
