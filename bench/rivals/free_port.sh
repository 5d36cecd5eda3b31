#!/bin/bash
# Prints a port that nobody listens on, for a server that can't be told to take one: below those that the system gives to
# clients.
for _ in {1..50}; do
  port=$((20000 + RANDOM % 10000))
  (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null || { echo "$port"; exit; }
done
echo "there is no free port" >&2
exit 1
