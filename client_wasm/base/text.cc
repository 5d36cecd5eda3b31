#include "tidings/client_wasm/base/text.h"

extern "C" TIDINGS_CALLED_BY_JS char* tidings_text(std::size_t size) { return new char[size]; }
