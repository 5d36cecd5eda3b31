#include "tidings/bench/load/deliveries.h"

#include <gtest/gtest.h>

#include <string>

#include "tidings/bench/load/publisher.h"

namespace tidings::bench {
namespace {

// As a Publisher makes it.
std::string data(std::size_t publisher, std::uint64_t sequence, std::size_t bytes = 60) {
  std::string text =
      "1 " + std::to_string(publisher) + ' ' + std::to_string(sequence) + ' ' + std::to_string(bytes) + ' ';
  text.resize(bytes, 'x');
  return text;
}

TEST(Deliveries, CountsWhatComesInOrderOfEachPublisherToEachSubscriber) {
  Deliveries deliveries(2, 2);
  deliveries.take(0, data(0, 1));
  deliveries.take(0, data(1, 1));
  deliveries.take(1, data(0, 1));
  deliveries.take(0, data(0, 2));
  EXPECT_EQ(deliveries.count(), 4);
  EXPECT_EQ(deliveries.misplaced(), 0);
}

TEST(Deliveries, WhatComesTwiceOrTooLateIsMisplacedAndNotCounted) {
  Deliveries deliveries(1, 1);
  for (const std::uint64_t sequence : {1, 3, 3, 2}) deliveries.take(0, data(0, sequence));
  EXPECT_EQ(deliveries.count(), 2);
  EXPECT_EQ(deliveries.misplaced(), 2);
}

TEST(Deliveries, WhatIsCutOrForeignIsMisplaced) {
  Deliveries deliveries(1, 1);
  const std::string whole = data(0, 1);
  for (const std::string& text :
       {whole.substr(0, 59), whole + 'x', data(1, 1), std::string("the first"), std::string()}) {
    deliveries.take(0, text);
  }
  EXPECT_EQ(deliveries.count(), 0);
  EXPECT_EQ(deliveries.misplaced(), 5);
}

}  // namespace
}  // namespace tidings::bench
