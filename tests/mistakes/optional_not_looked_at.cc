// Kind: A type or an id that may hold anything
// Mistake: `Event("data").with_id(FieldValue::from(id))`
// Says: FieldValue::from() gives an optional: look whether there is a value, then give *value.
#include <string>

#include "tidings/server/server.h"

tidings::Event with_id(std::string id) { return tidings::Event("data").with_id(tidings::FieldValue::from(id)); }
