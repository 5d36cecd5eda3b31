// @microsoft/fetch-event-source with an onclose() that throws, so that it comes back after the end of a stream too.
import { follow as followAnyhow, forNode } from "./fetch_event_source.mjs";

export { forNode };

export function follow(url, tell) {
  followAnyhow(url, tell, {
    onclose() {
      throw new Error("The stream has ended.");
    },
  });
}
