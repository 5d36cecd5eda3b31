// malloc and its like for a page, over blocks.h, and with it `new`: in place of Emscripten's smallest, emmalloc, for
// 600 bytes less over the wire. Without memory `new` ends the program, as it does there. What asks for an alignment of
// its own does not link: such a page takes emmalloc (wasm_page's `malloc`).
#include <emscripten/heap.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "tidings/client_wasm/memory/blocks.h"

extern "C" char __heap_base;  // the linker's: from there on memory is free

namespace {

std::uintptr_t end = reinterpret_cast<std::uintptr_t>(&__heap_base);

void* take_more(std::size_t bytes) {
  if (bytes > std::numeric_limits<std::uintptr_t>::max() - end) return nullptr;
  const std::uintptr_t new_end = end + bytes;
  if (new_end > emscripten_get_heap_size() && !emscripten_resize_heap(new_end)) return nullptr;
  return reinterpret_cast<void*>(std::exchange(end, new_end));
}

constinit tidings::Blocks blocks(take_more);

}  // namespace

extern "C" {

void* malloc(std::size_t bytes) { return blocks.allocate(bytes); }

void free(void* memory) { blocks.release(memory); }

void* calloc(std::size_t count, std::size_t size) {
  if (size != 0 && count > std::numeric_limits<std::size_t>::max() / size) return nullptr;
  void* const memory = malloc(count * size);
  return memory == nullptr ? nullptr : std::memset(memory, 0, count * size);
}

void* realloc(void* memory, std::size_t bytes) {
  if (memory != nullptr && bytes <= tidings::Blocks::capacity(memory)) return memory;
  void* const larger = malloc(bytes);
  if (larger == nullptr || memory == nullptr) return larger;
  std::memcpy(larger, memory, tidings::Blocks::capacity(memory));
  free(memory);
  return larger;
}

// The same functions by the names that the C library itself calls.
void* __libc_malloc(std::size_t) __attribute__((alias("malloc")));
void __libc_free(void*) __attribute__((alias("free")));
void* __libc_calloc(std::size_t, std::size_t) __attribute__((alias("calloc")));
void* __libc_realloc(void*, std::size_t) __attribute__((alias("realloc")));
void* emscripten_builtin_malloc(std::size_t) __attribute__((alias("malloc")));
void emscripten_builtin_free(void*) __attribute__((alias("free")));
}
