// eventsource 5, as its README has it.
import { EventSource } from "eventsource";

import { followStandard } from "./standard.mjs";

export const follow = (url, tell) => followStandard(EventSource, url, tell);
