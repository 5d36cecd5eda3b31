// Asio inside generators, and a server on an io_context of the program's: the one public header that knows Asio. A
// program that includes it needs Asio's headers.
//
//   asio::ip::tcp::socket socket(tidings::io_context_of(loop));
//   const std::error_code error = co_await socket.async_connect(endpoint, tidings::use_loop(loop));
//   const auto [error, bytes] = co_await socket.async_read_some(asio::buffer(data), tidings::use_loop(loop));
//
// An operation with the completion token use_loop() begins when it is awaited, and gives what its handler would get:
// one value, or a tuple of several; no error is thrown. What it is an operation of has to be made with
// io_context_of(loop): then all happens on the loop's thread. Where the generator goes meanwhile, since its client has
// left, the operation is cancelled by its cancellation slot, and nothing that is in the frame is touched afterwards:
// socket and buffer may be locals of the generator, declared before.
//
// That is so for one operation of one object. A composed one, asio::async_read() and the like, looks once more at what
// it was given when it is cancelled. So have its socket and its buffer in something shared, which the token keeps until
// the operation has ended: use_loop(loop, connection). A composed one without it does not compile; those of asio::ssl
// need it as well. Source: the documentation of Asio, sections "Asynchronous Operations" and "Per-Operation
// Cancellation". Loop thread only.
#pragma once

#include "tidings/protocol/cxx20.h"

#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/execution_context.hpp>
#include <asio/io_context.hpp>
#include <coroutine>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "tidings/server/loop/loop.h"
#include "tidings/server/server_options.h"

namespace tidings {

// That of a server's loop. Throws std::logic_error for a Loop that is not made of one. It may not be run or stopped,
// unless it is the program's own.
asio::io_context& io_context_of(Loop& loop);

// The options of a server whose only loop is on an io_context of the program's, beside whatever else is there:
//
//   asio::io_context context;
//   tidings::Server server(tidings::on_context(context, {.port = 8080}));
//   server.stream("/hello", hello);
//   server.start();  // which returns at once
//   context.run();   // until server.stop() has come to its end, and nothing else is to be done
//
// Generators, and all else that is for a loop, run on the thread that runs the context, and may touch what the
// program's own handlers touch without a lock; handlers that block there hold up all clients. Those of get(), post()
// and http() still run on threads of the server. Several servers may be on one context.
//
// The context is run by one thread, always the same, and outlives the server. The server is destroyed on that thread,
// but not by what its loop calls, a generator say; or while nobody runs the context. Streams that are open then are cut
// off, and what the context still has of the server does nothing.
ServerOptions on_context(asio::io_context& context, ServerOptions options = {});

// A completion token.
template <bool kKeeps>
class UseLoop {
 public:
  UseLoop(Loop& loop, std::shared_ptr<const void> kept) : context_(&io_context_of(loop)), kept_(std::move(kept)) {}
  asio::io_context& context() const { return *context_; }
  std::shared_ptr<const void> kept() const { return kept_; }

 private:
  asio::io_context* context_;
  std::shared_ptr<const void> kept_;
};

inline UseLoop<false> use_loop(Loop& loop) { return UseLoop<false>(loop, nullptr); }
// Keeps something until the operation has ended.
inline UseLoop<true> use_loop(Loop& loop, std::shared_ptr<const void> kept) {
  return UseLoop<true>(loop, std::move(kept));
}

// Whether a function of Asio's that is no member begins it, by its name.
template <class Initiation>
constexpr bool is_composed() {
  return std::string_view(__PRETTY_FUNCTION__).find("Initiation = asio::detail::initiate_") != std::string_view::npos;
}

template <class... Results>
class AsioOperationState {
 public:
  AsioOperationState(asio::io_context& context, std::shared_ptr<const void> kept)
      : context(context), kept_(std::move(kept)) {}

  void complete(Results... results) {
    kept_ = nullptr;
    this->results.emplace(std::move(results)...);
    if (const std::coroutine_handle<> coroutine = std::exchange(waiter, nullptr)) coroutine.resume();
  }

  asio::io_context& context;
  asio::cancellation_signal signal;
  std::coroutine_handle<> waiter;  // while somebody waits
  std::optional<std::tuple<Results...>> results;

 private:
  std::shared_ptr<const void> kept_;
};

template <class... Results>
class AsioHandler {
 public:
  using State = AsioOperationState<Results...>;
  using executor_type = asio::io_context::executor_type;
  using cancellation_slot_type = asio::cancellation_slot;

  explicit AsioHandler(std::shared_ptr<State> state) : state_(std::move(state)) {}
  executor_type get_executor() const noexcept { return state_->context.get_executor(); }
  cancellation_slot_type get_cancellation_slot() const noexcept { return state_->signal.slot(); }
  void operator()(Results... results) { state_->complete(std::move(results)...); }

 private:
  std::shared_ptr<State> state_;
};

// What an operation with use_loop() gives, to be awaited once. It may be moved before that.
template <class Start, class... Results>
class [[nodiscard("The operation does not begin until this is awaited: write co_await before it.")]] AsioOperation {
 public:
  AsioOperation(std::shared_ptr<AsioOperationState<Results...>> state, Start start)
      : state_(std::move(state)), start_(std::move(start)) {}
  AsioOperation(AsioOperation &&) = default;
  ~AsioOperation() {
    if (state_ && std::exchange(state_->waiter, nullptr)) state_->signal.emit(asio::cancellation_type::terminal);
  }

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    state_->waiter = waiter;
    try {
      std::move(start_)(AsioHandler<Results...>(state_));
    } catch (...) {
      state_->waiter = nullptr;
      throw;
    }
  }
  auto await_resume() {
    if constexpr (sizeof...(Results) == 1) {
      return std::get<0>(*std::move(state_->results));
    } else if constexpr (sizeof...(Results) > 1) {
      return *std::move(state_->results);
    }
  }

 private:
  std::shared_ptr<AsioOperationState<Results...>> state_;
  Start start_;
};

// Throws std::logic_error where what the operation is of was made with another io_context, if that can be told.
template <class Initiation>
void require_same_context(const Initiation& initiation, asio::io_context& context) {
  const auto executor = asio::get_associated_executor(initiation, context.get_executor());
  if constexpr (requires { executor.context(); }) {
    const asio::execution_context& its = executor.context();
    if (&its == &context) return;
    throw std::logic_error(
        "This operation is of another io_context than its generator's loop: make its socket or timer with "
        "tidings::io_context_of(loop).");
  }
}

}  // namespace tidings

template <bool kKeeps, class... Results>
struct asio::async_result<tidings::UseLoop<kKeeps>, void(Results...)> {
  template <class Initiation, class... Arguments>
  static auto initiate(Initiation initiation, tidings::UseLoop<kKeeps> token, Arguments... arguments) {
    static_assert(kKeeps || !tidings::is_composed<Initiation>(),
                  "A composed operation looks at its socket and its buffer once more when it is cancelled, and a "
                  "generator's frame is gone by then: have both in something shared, and name that behind the loop, "
                  "use_loop(loop, connection).");
    tidings::require_same_context(initiation, token.context());
    auto start = [initiation = std::move(initiation), arguments = std::tuple<Arguments...>(std::move(arguments)...)](
                     tidings::AsioHandler<std::decay_t<Results>...> handler) mutable {
      std::apply([&](Arguments&... each) { std::move(initiation)(std::move(handler), std::move(each)...); }, arguments);
    };
    return tidings::AsioOperation<decltype(start), std::decay_t<Results>...>(
        std::make_shared<tidings::AsioOperationState<std::decay_t<Results>...>>(token.context(), token.kept()),
        std::move(start));
  }
};
