/**
 * What `/ingest/:table` takes and gives.
 *
 * @module
 */
import * as v from "valibot";

const flag = v.pipe(v.picklist(["true", "false"]), v.transform((text) => text === "true"));

/** The query string. */
export const ingestParameters = v.strictObject({
  onError: v.exactOptional(v.pipe(
    v.picklist(["stop", "skip"]),
    v.description("Stop at the first row that cannot be inserted, or leave such rows out and report them"),
  )),
  header: v.exactOptional(
    v.pipe(flag, v.description("CSV: the first record holds names; detected by default")),
  ),
  delimiter: v.exactOptional(v.pipe(v.string(), v.length(1))),
});

const place = { row: v.number(), line: v.exactOptional(v.number()) };

/** The report. */
export const ingestAnswer = v.object({
  rows: v.number(),
  skipped: v.number(),
  errors: v.array(v.object({ ...place, code: v.string(), reason: v.string() })),
  batches: v.number(),
  version: v.number(),
  resumedAfter: v.exactOptional(v.number()),
});
