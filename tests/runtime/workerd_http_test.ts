import { httpSuite } from "./http_suite.ts";
import { startWorkerd } from "./server/running_server.ts";

// Sockets in workerd belong to Durable Objects, as tests/examples/edge has them: a worker without one may hear nothing
// of what other requests change. Bun's own client loses connections on which workerd answers before an upload ends.
if (!("Bun" in globalThis)) httpSuite("workerd", () => startWorkerd(), { sockets: false });
