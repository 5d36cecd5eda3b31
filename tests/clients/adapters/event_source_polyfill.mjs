// event-source-polyfill, as its README has it, but always its own class, also where the browser has one.
import { EventSourcePolyfill } from "event-source-polyfill";

import { followStandard } from "./standard.mjs";

export const follow = (url, tell) => followStandard(EventSourcePolyfill, url, tell);
