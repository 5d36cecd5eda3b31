// The page's logic: the clock, and a channel to read and write.
#include "tidings/client_wasm/page/channel_view.h"
#include "tidings/client_wasm/page/clock_view.h"
#include "tidings/client_wasm/page/commands.h"

int main() {
  tidings_page_commands();
  // For as long as the page is open.
  new tidings::ClockView;
  new tidings::ChannelView;
}
