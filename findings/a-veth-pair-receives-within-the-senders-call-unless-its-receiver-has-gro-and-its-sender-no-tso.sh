#!/bin/bash
# Whose CPU time the receivers' TCP is where sender and receiver are in two network namespaces of one machine.
#
# Version:   Linux 6.18, iproute2 6.1.0 (Debian's 6.1.0-3). Needs root.
# Expected:  a pair of virtual Ethernet devices is like a cable: what is received is the other namespace's work, and a
#            measurement of a sender is free of it, which over loopback it is not.
# Behaviour: as it comes, a pair receives in the call that sends, as loopback does. A thread of the kernel that receives
#            ("threaded" NAPI) is refused. Once the receiving device has GRO the thread is there, and idle: a TCP segment
#            goes around it for as long as the sending device has TSO. With both set the thread receives; and as its ring
#            has 256 places, and the device no queue, a burst loses packets unless it is given a queue.
# Way out:   on the receiving device GRO on and threaded NAPI; on the sending one TSO off, and a queue (pfifo).
# Output seen:
#   as it comes: the kernel refuses a thread that receives
#   with GRO at the receiver: the thread received nothing
#   and without TSO at the sender: the thread received
set -euo pipefail

apt-get install --yes --no-install-recommends -qq iproute2=6.1.0-3 python3 > /dev/null 2>&1

readonly space=finding_$$ receiver=fr$$ sender=fs$$
trap 'ip netns delete "$space"' EXIT  # and the pair with it
ip netns add "$space"
ip link add "$receiver" type veth peer name "$sender" netns "$space"
ip address add 198.18.7.2/24 dev "$receiver"
ip -n "$space" address add 198.18.7.1/24 dev "$sender"
ip link set "$receiver" up
ip -n "$space" link set "$sender" txqueuelen 10000 up
tc -n "$space" qdisc replace dev "$sender" root pfifo

# `set_offload COMMAND VALUE DEVICE`: SIOCETHTOOL with ETHTOOL_STSO (0x1f) or ETHTOOL_SGRO (0x2c), as ethtool -K does.
set_offload() {
  python3 -c '
import array, fcntl, socket, struct, sys
value = array.array("B", struct.pack("II", int(sys.argv[1], 16), int(sys.argv[2])))
request = struct.pack("16sP16x", sys.argv[3].encode(), value.buffer_info()[0])
fcntl.ioctl(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), 0x8946, request)' "$@"
}

# The nanoseconds of CPU that the thread has taken while 20,000 small segments came.
received_by_thread() {
  local thread before after
  thread=$(grep -ls "^napi/$receiver" /proc/[0-9]*/comm || true)  # others end meanwhile
  thread=${thread%/comm}
  read -r before _ < "$thread/schedstat"
  python3 - "/run/netns/$space" << 'PYTHON'
import ctypes, os, socket, sys, threading

listener = socket.create_server(("198.18.7.2", 0))
def send():
    space = os.open(sys.argv[1], os.O_RDONLY)
    if ctypes.CDLL(None).setns(space, 0) != 0: os._exit(1)  # this thread alone
    connection = socket.create_connection(listener.getsockname())
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for _ in range(20000): connection.send(b"x" * 100)
    connection.close()
thread = threading.Thread(target=send)
thread.start()
connection, _ = listener.accept()
while connection.recv(65536): pass
thread.join()
PYTHON
  read -r after _ < "$thread/schedstat"
  echo $((after - before))
}

status=0
expect() {  # NAME EXPECTED SEEN
  echo "$1: $3"
  if [[ $2 != "$3" ]]; then
    echo "$1: expected that $2" >&2
    status=1
  fi
}
whether() { if (($1 > 1000000)); then echo 'the thread received'; else echo 'the thread received nothing'; fi; }

seen='the kernel refuses a thread that receives'
if (echo 1 > "/sys/class/net/$receiver/threaded") 2> /dev/null; then seen='it has one'; fi
expect 'as it comes' 'the kernel refuses a thread that receives' "$seen"
set_offload 0x2c 1 "$receiver"
echo 1 > "/sys/class/net/$receiver/threaded"
expect 'with GRO at the receiver' 'the thread received nothing' "$(whether "$(received_by_thread)")"
ip netns exec "$space" bash -c "$(declare -f set_offload); set_offload 0x1f 0 $sender"
expect 'and without TSO at the sender' 'the thread received' "$(whether "$(received_by_thread)")"
exit "$status"
