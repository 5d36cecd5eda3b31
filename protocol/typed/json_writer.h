// Writes a described struct as JSON (typed.h). Pure: any thread.
#pragma once

#include <string>

#include "tidings/protocol/typed/description.h"

namespace tidings {

std::string to_json(const void* object, const Description& description);

}  // namespace tidings
