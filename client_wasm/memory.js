// Memory grows by as much as is asked for. Emscripten's own function of this name also tries larger and smaller steps.
mergeInto(LibraryManager.library, {
  emscripten_resize_heap: function (size) {
    try {
      wasmMemory.grow((size - HEAPU8.length + 65535) >>> 16);
      updateGlobalBufferAndViews(wasmMemory.buffer);
      return true;
    } catch (error) {
      return false;
    }
  },
});
