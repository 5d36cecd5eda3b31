// Go's net/http as its users write a broadcast: a goroutine for each subscriber, fed by a buffered channel, so that a
// slow one cannot hold up the others (it misses events instead); and a clock at /events, a goroutine with a timer for
// each client. Standard library alone.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

const buffered = 64 // events for each subscriber

type broker struct {
	mutex       sync.RWMutex
	subscribers map[chan []byte]struct{}
	sequence    uint64
}

func open(w http.ResponseWriter) http.Flusher {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	flusher := w.(http.Flusher)
	io.WriteString(w, ":\n\n")
	flusher.Flush()
	return flusher
}

func clock(w http.ResponseWriter, r *http.Request) {
	flusher := open(w)
	due := time.Now().Truncate(time.Second)
	timer := time.NewTimer(0)
	<-timer.C
	for {
		due = due.Add(time.Second)
		timer.Reset(time.Until(due))
		select {
		case <-timer.C:
			tick := due.UTC().Format("2006-01-02T15:04:05.000Z")
			if _, err := fmt.Fprintf(w, "id: %d\ndata: %s\n\n", due.Unix(), tick); err != nil {
				return
			}
			flusher.Flush()
		case <-r.Context().Done():
			timer.Stop()
			return
		}
	}
}

func (b *broker) follow(w http.ResponseWriter, r *http.Request) {
	events := make(chan []byte, buffered)
	b.mutex.Lock()
	b.subscribers[events] = struct{}{}
	b.mutex.Unlock()
	defer func() {
		b.mutex.Lock()
		delete(b.subscribers, events)
		b.mutex.Unlock()
	}()
	flusher := open(w)
	for {
		select {
		case event := <-events:
			if _, err := w.Write(event); err != nil {
				return
			}
			flusher.Flush()
		case <-r.Context().Done():
			return
		}
	}
}

func (b *broker) publish(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	b.mutex.Lock()
	b.sequence++
	id := b.sequence
	event := []byte(fmt.Sprintf("id: %d\ndata: %s\n\n", id, data)) // encoded once, shared by all
	for subscriber := range b.subscribers {
		select {
		case subscriber <- event:
		default:
		}
	}
	b.mutex.Unlock()
	fmt.Fprintf(w, "{\"id\":\"%d\"}\n", id)
}

func main() {
	b := &broker{subscribers: make(map[chan []byte]struct{})}
	http.HandleFunc("/channels/load", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			b.publish(w, r)
			return
		}
		b.follow(w, r)
	})
	http.HandleFunc("/events", clock)
	host := os.Getenv("TIDINGS_BENCH_HOST")
	if host == "" {
		host = "127.0.0.1"
	}
	listener, err := net.Listen("tcp", host+":0")
	if err != nil {
		fmt.Fprintln(os.Stderr, "The Go server can't listen:", err)
		os.Exit(1)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, os.Interrupt)
	go func() {
		<-stop
		os.Exit(0)
	}()
	fmt.Printf("Go is at http://localhost:%d\n", listener.Addr().(*net.TCPAddr).Port)
	http.Serve(listener, nil)
}
