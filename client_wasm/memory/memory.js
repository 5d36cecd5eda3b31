// Memory grows by as much as is asked for. Emscripten's own function of this name also tries larger and smaller steps,
// which takes a page 100 bytes over the wire. Emscriptens that grow it by another function keep theirs.
if (LibraryManager.library.$emscripten_realloc_buffer) {
  mergeInto(LibraryManager.library, {
    emscripten_resize_heap__deps: ['$emscripten_realloc_buffer'],
    emscripten_resize_heap: function (size) {
      return !!emscripten_realloc_buffer(size);
    },
  });
}
