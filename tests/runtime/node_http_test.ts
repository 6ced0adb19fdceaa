import { httpSuite } from "./http_suite.ts";
import { startNode } from "./server/running_server.ts";

// Sockets on Node need the package ws, which is no dependency.
httpSuite("Node", () => startNode(), { sockets: false });
