// Kind: A type or an id that may hold anything
// Mistake: `Event(type, data)` with a `std::string type`
// Says: A type that is no literal has to be checked: FieldValue::from(type) is empty if it can't be one.
#include <string>

#include "tidings/server/server.h"

tidings::Event of_type(std::string type) { return tidings::Event(type, "data"); }
