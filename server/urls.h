// The URLs of a server that listens on a host: what to open in a browser of this machine, and what other machines use.
// Source: RFC 3986, section "Host"; the manual page getifaddrs(3). Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

// Whether the host, as one is given to listen on, stands for every address of the machine: `::` or `0.0.0.0`.
bool is_every_address(std::string_view host);

// A URL that works on this machine: with `localhost` where the host stands for every address, else with the host.
std::string local_url(std::string_view host, std::uint16_t port);

// Where the host stands for every address, the URLs at which other machines may reach the server: one for each numeric
// address of an interface that is up, without loopback and link-local ones, which mean nothing elsewhere. Else none.
std::vector<std::string> urls_for_others(std::string_view host, std::uint16_t port);

}  // namespace tidings
