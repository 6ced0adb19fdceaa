/** The conformance suite against the app in process. */
import { describe, it } from "node:test";
import { accessCases } from "./conformance/access_cases.ts";
import { type ConformanceCase, inProcess } from "./conformance/fixture.ts";
import { brokenIngest } from "./conformance/broken_ingest.ts";
import { ingestCases } from "./conformance/ingest_cases.ts";
import { liveCases } from "./conformance/live_cases.ts";
import { queryCases } from "./conformance/query_cases.ts";
import { serviceCases } from "./conformance/service_cases.ts";

const SUITES: Readonly<Record<string, readonly ConformanceCase[]>> = {
  "/query": queryCases,
  "/ingest": ingestCases,
  "/ingest, broken off": brokenIngest,
  "/live": liveCases,
  "other routes": serviceCases,
  "access": accessCases,
};

for (const [suite, cases] of Object.entries(SUITES)) {
  describe(suite, () => {
    for (const { name, run } of cases) it(name, async () => await run(await inProcess()));
  });
}
