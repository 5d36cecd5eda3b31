// reconnecting-eventsource over the browser's own EventSource, or over eventsource where there is none. As docs/
// EVENT_STREAM.md advises: a listener for each type that the stream has, since it knows the ids of those alone.
import { EventSource } from "eventsource";
import reconnecting from "reconnecting-eventsource";

const ReconnectingEventSource = reconnecting.default ?? reconnecting;

export function follow(url, tell) {
  const source = new ReconnectingEventSource(url, { eventSourceClass: globalThis.EventSource ?? EventSource });
  source.addEventListener("message", ({ data }) => tell.event(data));
  source.addEventListener("begin", () => {});
}
