// A page's program that asks for an element which its HTML does not have.
#include "tidings/client_wasm/dom/dom.h"

int main() { tidings::dom::Element::by_id("tiem").set_text("not yet"); }
