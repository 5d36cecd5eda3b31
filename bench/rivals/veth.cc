#include "tidings/bench/rivals/veth.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "tidings/bench/load/addresses.h"

namespace tidings::bench {
namespace {

constexpr std::uint32_t kServer = 0xC6120001;  // 198.18.0.1; the clients' are those behind it
constexpr std::uint32_t kClients = 20;         // addresses, each for some thousands
constexpr const char *kServerDevice = "tidings", *kLoadDevice = "tidings_load";

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error("--veth needs root, iproute2, and that no other run uses it: " + what + '.');
}

void run(const std::string& command) {
  const int status = std::system(command.c_str());
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fail('`' + command + "` failed");
}

int open_namespace() { return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC); }

std::string path_of(int descriptor) {
  return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(descriptor);
}

void add_address(std::uint32_t address, const std::string& device) {
  in_addr given{.s_addr = htonl(address)};
  run(std::string("ip address add ") + inet_ntoa(given) + "/24 dev " + device);
}

void set_offload(std::string_view device, std::uint32_t command, bool is_on) {
  ethtool_value value{.cmd = command, .data = is_on ? 1U : 0U};
  ifreq request{};
  device.copy(request.ifr_name, sizeof request.ifr_name - 1);
  request.ifr_data = reinterpret_cast<char*>(&value);
  const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const bool is_set = ioctl(descriptor, SIOCETHTOOL, &request) == 0;
  close(descriptor);
  if (!is_set) fail("the offloads of a device can't be set");
}

// Packets go by the receiver's ring, and not straight into its TCP, where it has GRO and the sender no TSO. The ring
// has 256 places: what finds none waits in a queue, which such a device has not by itself, and would be dropped.
void set_up_server_side() {
  const std::string device = kServerDevice;
  run("ip link set lo up");
  add_address(kServer, device);
  set_offload(device, ETHTOOL_STSO, false);
  run("ip link set " + device + " txqueuelen 100000 up");
  run("tc qdisc replace dev " + device + " root pfifo limit 100000");
}

void set_up_load_side() {
  const std::string device = kLoadDevice;
  for (std::uint32_t i = 1; i <= kClients; ++i) add_address(kServer + i, device);
  set_offload(device, ETHTOOL_SGRO, true);
  run("ip link set " + device + " up");
  std::ofstream threaded("/sys/class/net/" + device + "/threaded");
  threaded << 1 << std::flush;
  if (!threaded) fail("the kernel does not receive in a thread of its own");
}

// By its name, which the kernel may cut to 15 characters.
pid_t receiving_thread() {
  const std::string name = (std::string("napi/") + kLoadDevice).substr(0, 15);
  for (const std::filesystem::directory_entry& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "comm");
    std::string found;
    if (std::getline(file, found) && found.starts_with(name)) return std::stoi(entry.path().filename());
  }
  fail("the thread that receives for the clients is not there");
}

}  // namespace

Veth::Veth() {
  const int home = open_namespace();
  if (unshare(CLONE_NEWNET) != 0) fail("unshare: " + std::generic_category().message(errno));
  namespace_ = open_namespace();
  path_ = path_of(namespace_);
  run(std::string("ip link add ") + kServerDevice + " type veth peer name " + kLoadDevice + " netns " + path_of(home));
  set_up_server_side();
  if (setns(home, CLONE_NEWNET) != 0) fail("setns: " + std::generic_category().message(errno));
  close(home);
  set_up_load_side();
  thread_ = receiving_thread();
  addresses = {.server = kServer, .first_client = kServer + 1};
  // Servers other than ours read here where to listen: nobody but this program reaches the namespace.
  setenv("TIDINGS_BENCH_HOST", "0.0.0.0", 1);
}

std::chrono::nanoseconds Veth::cpu() const {
  clockid_t clock;
  timespec time{};
  if (clock_getcpuclockid(thread_, &clock) != 0 || clock_gettime(clock, &time) != 0) return {};
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

Veth::~Veth() {
  // At once, so that the next run finds the name free: the kernel takes its time with a namespace that nobody has.
  [[maybe_unused]] const int status = std::system((std::string("ip link delete ") + kLoadDevice).c_str());
  close(namespace_);
}

}  // namespace tidings::bench
