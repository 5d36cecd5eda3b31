// The Model Context Protocol's SDK, by its transport for server-sent events. It takes JSON-RPC alone, and is connected once
// an event of type `endpoint` has told it where it would post.
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";

export async function follow(url, tell) {
  const transport = new SSEClientTransport(new URL(url));
  transport.onmessage = ({ params }) => tell.event(params.data);
  await transport.start();
}

export const before = { type: "endpoint", data: "/messages" };

export const publishes = {
  wrap: (text) => JSON.stringify({ jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data: text } }),
};
