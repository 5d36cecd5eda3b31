// The page's logic: the clock, and a channel to read and write.
#include "client_wasm/channel_view.h"
#include "client_wasm/clock_view.h"

int main() {
  // For as long as the page is open.
  new tidings::ClockView;
  new tidings::ChannelView;
}
