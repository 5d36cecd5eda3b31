#!/bin/bash
# When Go's HTTP client gives out the bytes of a chunked response.
#
# Version:   Go 1.19.8 (Debian's 1.19.8-2), net/http, and with it httputil.ReverseProxy, whose default transport it is.
# Expected:  reading from the body gives what has come so far, as it does with a close-delimited body.
# Behaviour: it gives nothing of a chunk until all of it is there or the reader's buffer is full. And where the size
#            line of the next chunk has come along with a whole chunk, it holds that one back as well, until the next
#            one is whole.
# Way out:   a server writes each event as one chunk in one write, and the size line of a chunk never before its data. A
#            reader that cannot wait has a buffer of one byte.
# Output seen:
#   close-delimited: first of 4 reads after write 1 of 4
#   a chunk in four writes: first of 1 reads after write 4 of 4
#   a whole chunk with the start of the next: first of 1 reads after write 4 of 4
#   a whole chunk, then the start of the next: first of 2 reads after write 1 of 5
#   a chunk in four writes, buffer of one byte: first of 40 reads after write 1 of 4
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd -- "$folder"

for package in golang-1.19-go golang-1.19-src; do
  apt-get download -qq "$package=1.19.8-2" > /dev/null 2>&1
  dpkg-deb --extract "$package"_*.deb root
done

cat > read.go << 'GO'
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

const chunked = "Transfer-Encoding: chunked\r\n"

// Serves the parts at 0.5 s from each other to a client, and prints when that one first read something.
func run(name, field string, size int, parts ...string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer listener.Close()
	var written int32
	go func() {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		defer connection.Close()
		connection.Read(make([]byte, 4096))
		io.WriteString(connection, "HTTP/1.1 200 OK\r\n"+field+"\r\n")
		for _, part := range parts {
			time.Sleep(500 * time.Millisecond)
			atomic.AddInt32(&written, 1)
			io.WriteString(connection, part)
		}
		time.Sleep(500 * time.Millisecond)
		if field == chunked {
			io.WriteString(connection, "\r\n0\r\n\r\n")
		}
	}()

	response, err := http.Get("http://" + listener.Addr().String())
	if err != nil {
		panic(err)
	}
	defer response.Body.Close()
	reads, first := 0, int32(0)
	for buffer := make([]byte, size); err == nil; {
		var n int
		n, err = response.Body.Read(buffer)
		if n > 0 {
			reads++
			if first == 0 {
				first = atomic.LoadInt32(&written)
			}
		}
	}
	if err != io.EOF {
		panic(err)
	}
	fmt.Printf("%s: first of %d reads after write %d of %d\n", name, reads, first, len(parts))
}

func main() {
	const event = "data: 1\n\n\n" // Ten bytes.
	const whole = "a\r\n" + event
	run("close-delimited", "Connection: close\r\n", 4096, event, event, event, event)
	run("a chunk in four writes", chunked, 4096, "28\r\n"+event, event, event, event)
	run("a whole chunk with the start of the next", chunked, 4096, whole+"\r\n28\r\n"+event, event, event, event)
	run("a whole chunk, then the start of the next", chunked, 4096, whole+"\r\n", "28\r\n"+event, event, event, event)
	run("a chunk in four writes, buffer of one byte", chunked, 1, "28\r\n"+event, event, event, event)
}
GO
export GOROOT=$folder/root/usr/lib/go-1.19 GOCACHE=$folder/cache GOPATH=$folder/path GO111MODULE=off CGO_ENABLED=0
timeout -k 1 300 "$GOROOT/bin/go" build -o read read.go

expected='close-delimited: first of 4 reads after write 1 of 4
a chunk in four writes: first of 1 reads after write 4 of 4
a whole chunk with the start of the next: first of 1 reads after write 4 of 4
a whole chunk, then the start of the next: first of 2 reads after write 1 of 5
a chunk in four writes, buffer of one byte: first of 40 reads after write 1 of 4'
seen=$(timeout -k 1 60 ./read 2>&1) || true
echo "$seen"
if [[ $expected != "$seen" ]]; then
  printf 'expected\n%s\n' "$expected" >&2
  exit 1
fi
