// eventsource 3, as its README has it: what many packages depend on.
import { EventSource } from "eventsource-3";

import { followStandard } from "./standard.mjs";

export const follow = (url, tell) => followStandard(EventSource, url, tell);
