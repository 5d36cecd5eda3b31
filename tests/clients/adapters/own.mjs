// The EventSource that the browser or node has.
import { followStandard } from "./standard.mjs";

export const follow = (url, tell) => followStandard(EventSource, url, tell);
