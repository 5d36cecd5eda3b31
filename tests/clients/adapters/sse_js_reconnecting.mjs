// sse.js with the options that its README gives for coming back.
import { follow as followOnce } from "./sse_js.mjs";

const kOptions = { autoReconnect: true, reconnectDelay: 3000, maxRetries: null, useLastEventId: true };

export const follow = (url, tell) => followOnce(url, tell, kOptions);
