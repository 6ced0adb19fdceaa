import { httpSuite } from "./http_suite.ts";
import { startWorkerd } from "./server/running_server.ts";

httpSuite("workerd", () => startWorkerd());
