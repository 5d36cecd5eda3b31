// Texts that JavaScript hands to C++: text_buffer.js writes each into one of two buffers, by turns, and calls with its
// address and its length. So a text is valid until the next but one. The page has one thread.
#pragma once

// Of a function that JavaScript calls: kept and exported. It is Emscripten's EMSCRIPTEN_KEEPALIVE, and means nothing to
// a native test.
#define TIDINGS_CALLED_BY_JS __attribute__((used))
