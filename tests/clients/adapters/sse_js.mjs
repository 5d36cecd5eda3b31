// sse.js, as the first of its README has it.
import { SSE } from "sse.js";

export function follow(url, tell, options) {
  const source = new SSE(url, options);
  source.addEventListener("message", ({ data }) => tell.event(data));
  if (options?.autoReconnect) return;
  source.addEventListener("readystatechange", ({ readyState }) => {
    if (readyState === SSE.CLOSED) tell.ended("closed");
  });
}
