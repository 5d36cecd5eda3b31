// @microsoft/fetch-event-source, as its README has it. It gives every event. Whoever wants it to come back after the end
// of a stream throws in onclose(), as the README does for the end that a server did not mean; ours never means it.
import { fetchEventSource } from "@microsoft/fetch-event-source";

export const forNode = {
  // It needs a document and a window, which its users give it in node.
  globals: { document: { hidden: false, addEventListener() {}, removeEventListener() {} }, window: globalThis },
};

export function follow(url, tell, { onclose } = {}) {
  fetchEventSource(url, {
    openWhenHidden: true,
    onclose,
    onmessage({ data, event }) {
      if (event === "") tell.event(data);
    },
  }).then(() => tell.ended("its promise was kept"), (error) => tell.ended(error.message));
}
