// Follows a channel in a terminal: node follow.mjs http://localhost:9009/channels/news
import { EventSource } from "tidings-client";

const source = new EventSource(process.argv[2], { reopensAfterRefusal: true, silentAfter: 40_000 });
source.onmessage = ({ data }) => console.log(data);
source.addEventListener("gap", () => console.log("(some events are missing here)"));
source.onerror = () => console.error(source.state, source.reason, source.status, source.problem);
