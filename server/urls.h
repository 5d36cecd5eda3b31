// The URLs of a server that listens on a host: what to open in a browser of this machine, and what others use.
// Source: RFC 3986, section "Host"; the manual page getifaddrs(3). Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

// Whether the host, as one is given to listen on, stands for every address of the machine: `::` or `0.0.0.0`.
bool is_every_address(std::string_view host);

// One that works on this machine: of `localhost` where the host stands for every address, else of the host.
std::string local_url(std::string_view host, std::uint16_t port);

// Where it listens on every address, those at which other machines may reach it: numeric ones of its network interfaces
// that are up, without loopback and link-local ones, which mean nothing elsewhere. Else none.
std::vector<std::string> urls_for_others(std::string_view host, std::uint16_t port);

}  // namespace tidings
