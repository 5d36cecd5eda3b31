// github.com/donovanhide/eventsource, as its examples have it. What it tells is a line of JSON each.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/donovanhide/eventsource"
)

func tell(name string, text string) {
	line, _ := json.Marshal(map[string]string{name: text})
	fmt.Println(string(line))
}

func main() {
	stream, err := eventsource.Subscribe(os.Args[1], "")
	if err != nil {
		tell("ended", err.Error())
		return
	}
	go func() {
		for range stream.Errors {
		}
	}()
	for event := range stream.Events {
		if event.Event() == "" {
			tell("event", event.Data())
		}
	}
}
