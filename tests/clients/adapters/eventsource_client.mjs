// eventsource-client, by its asynchronous iterator, which gives every event.
import { createEventSource } from "eventsource-client";

export async function follow(url, tell) {
  const source = createEventSource({ url });
  for await (const { data, event } of source) {
    if (event === undefined) tell.event(data);
  }
  tell.ended("the iterator has ended");
}
