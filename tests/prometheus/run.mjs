// Tries what of deploy/ watches the server, with the real Prometheus: bazel run //tests/prometheus. It exits with 0 only if
// every check ran and passed.
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { conclude, counted } from "../proxies/counted.mjs";

process.env.TIDINGS_SERVER = resolve(process.argv[2]);
conclude([{ name: "prometheus", ...(await counted(fileURLToPath(new URL("checks.mjs", import.meta.url)))) }]);
