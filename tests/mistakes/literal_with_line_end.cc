// Kind: A type or an id that may hold anything
// Mistake: `Event("alarm\n", data)`
// Says: a_type_or_id_cannot_hold_cr_lf_or_nul
#include "tidings/server/server.h"

tidings::Event alarm() { return tidings::Event("alarm\n", "data"); }
