import { httpSuite } from "./http_suite.ts";
import { startDeno } from "./server/running_server.ts";

httpSuite("Deno", () => startDeno());
