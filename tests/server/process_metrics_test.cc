#include "tidings/server/process_metrics.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {
namespace {

double value_of(std::string_view name) {
  const std::string text = "\n" + process_metrics();
  const std::string line = "\n" + std::string(name) + " ";
  const std::size_t place = text.find(line);
  return place == std::string::npos ? -1 : std::stod(text.substr(place + line.size()));
}

TEST(ProcessMetrics, TheStartLiesShortlyBeforeNowAndStaysWhereItIs) {
  const double start = value_of("process_start_time_seconds"), now = static_cast<double>(std::time(nullptr));
  EXPECT_LE(start, now + 1);
  EXPECT_GT(start, now - 3600);
  EXPECT_EQ(value_of("process_start_time_seconds"), start);
}

TEST(ProcessMetrics, TimeOfProcessorsGrowsByWhatIsUsed) {
  const double before = value_of("process_cpu_seconds_total");
  const std::clock_t begin = std::clock();
  while (std::clock() - begin < CLOCKS_PER_SEC / 20) {
  }
  EXPECT_GE(value_of("process_cpu_seconds_total"), before + 0.05);
}

TEST(ProcessMetrics, MemoryIsInBytes) {
  const double before = value_of("process_resident_memory_bytes");
  std::vector<char> much(std::size_t{64} << 20);
  for (std::size_t i = 0; i < much.size(); i += 4096) static_cast<volatile char&>(much[i]) = 1;
  EXPECT_GT(value_of("process_resident_memory_bytes"), before + (60 << 20));
}

TEST(ProcessMetrics, DescriptorsAreThoseThatAreOpenAndTheLimitIsTheSoftOne) {
  const double before = value_of("process_open_fds");
  std::vector<int> opened;
  for (int i = 0; i < 10; ++i) opened.push_back(open("/dev/null", O_RDONLY));
  EXPECT_EQ(value_of("process_open_fds"), before + 10);
  for (const int each : opened) close(each);
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(value_of("process_max_fds"), static_cast<double>(limit.rlim_cur));
}

}  // namespace
}  // namespace tidings
