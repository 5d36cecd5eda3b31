// What the whole process takes of the machine, by the names that Prometheus has for it. Source: Prometheus, "Writing
// client libraries", section "Process metrics"; proc(5). Any thread, but no loop's: it reads files of /proc.
#pragma once

#include <string>

namespace tidings {

// The text of process_start_time_seconds, process_cpu_seconds_total, process_resident_memory_bytes, process_open_fds
// and process_max_fds, to stand behind Server::metrics(); what can't be told at the moment is left out.
std::string process_metrics();

}  // namespace tidings
