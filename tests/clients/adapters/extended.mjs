// extended-eventsource, as its README has it.
import { EventSource } from "extended-eventsource";

import { followStandard } from "./standard.mjs";

export const follow = (url, tell) => followStandard(EventSource, url, tell);
