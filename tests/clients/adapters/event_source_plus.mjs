// event-source-plus, as its README has it. It gives every event.
import { EventSourcePlus } from "event-source-plus";

export function follow(url, tell) {
  const source = new EventSourcePlus(url);
  source.listen({
    onMessage({ data, event }) {
      if (event === undefined || event === "" || event === "message") tell.event(data);
    },
  });
}
