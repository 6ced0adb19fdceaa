import { httpSuite } from "./http_suite.ts";
import { startBun } from "./server/running_server.ts";

httpSuite("Bun", () => startBun());
