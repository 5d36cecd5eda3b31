// The commands that the page shows, each a <code> with a button behind it: they get the page's own origin, and the
// button copies its command, or selects it for the user to copy where the browser does not let it. The page has one
// thread.
#pragma once

extern "C" void tidings_page_commands();  // commands.js
