import { httpSuite } from "./http_suite.ts";
import { startNode } from "./server/running_server.ts";

httpSuite("Node", startNode);
