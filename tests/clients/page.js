// In a page of an adapter that also runs in node: follows what the page's address says. Another name takes the place of ADAPTER.
import { follow } from "ADAPTER";

const stream = new URL(new URLSearchParams(location.search).get("stream"), location.href);
follow(stream.href, { event: (data) => tell({ event: data }), ended: (why) => tell({ ended: why }) });
