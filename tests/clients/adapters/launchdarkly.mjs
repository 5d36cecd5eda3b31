// launchdarkly-eventsource, as its README has it.
import { EventSource } from "launchdarkly-eventsource";

import { followStandard } from "./standard.mjs";

export const follow = (url, tell) => followStandard(EventSource, url, tell);
