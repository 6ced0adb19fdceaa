/**
 * What `/query` takes and gives.
 *
 * @module
 */
import * as v from "valibot";

/** A JSON object; members of any name are plain data. */
export const plainObject: v.GenericSchema<Readonly<Record<string, unknown>>> = v.custom<
  Readonly<Record<string, unknown>>
>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "expected an object",
);

const wholeNumber = v.pipe(v.number(), v.integer(), v.minValue(0));
const milliseconds = v.pipe(v.number(), v.minValue(0));

const statementParams = v.union([v.array(v.unknown()), plainObject]);

/** The body of `POST /query`. */
export const queryRequest = v.strictObject({
  sql: v.exactOptional(v.pipe(v.string(), v.description("One SQL statement; either this or query"))),
  query: v.exactOptional(plainObject),
  params: v.exactOptional(statementParams),
  write: v.exactOptional(
    v.pipe(v.boolean(), v.description("The statement may write, as far as the role of the caller allows")),
  ),
  tenant: v.exactOptional(v.pipe(v.string(), v.description("Must be that of the caller"))),
  minVersion: v.exactOptional(wholeNumber),
  maxStalenessMs: v.exactOptional(milliseconds),
  deadlineMs: v.exactOptional(v.pipe(v.number(), v.minValue(1))),
  exact: v.exactOptional(v.pipe(v.boolean(), v.description("BIGINT and DECIMAL as strings, always"))),
});

const numberText = v.pipe(
  v.string(),
  v.regex(/^\d{1,15}(\.\d+)?$/, "expected a number"),
  v.transform(Number),
);

const formats = {
  format: v.exactOptional(
    v.pipe(v.string(), v.description("In place of Accept: objects, columns, ndjson, csv, arrow, superjson")),
  ),
  shape: v.exactOptional(v.picklist(["objects", "columns"])),
};

/** The query string of `POST /query`. */
export const formatParameters = v.strictObject(formats);

/** The query string of `GET /query`. */
export const queryParameters = v.strictObject({
  sql: v.string(),
  params: v.exactOptional(v.pipe(v.string(), v.description("A JSON array, or an object by name"))),
  ...formats,
  minVersion: v.exactOptional(numberText),
  maxStalenessMs: v.exactOptional(numberText),
  deadlineMs: v.exactOptional(numberText),
  exact: v.exactOptional(v.pipe(v.picklist(["true", "false"]), v.transform((text) => text === "true"))),
});

/** A result as JSON objects. */
export const resultAnswer = v.object({
  rowCount: v.number(),
  version: v.number(),
  dataVersion: v.number(),
  stalenessMs: v.number(),
  command: v.string(),
  changeCount: v.number(),
  served: v.string(),
  columns: v.array(v.object({ name: v.string(), type: v.string(), nullable: v.boolean() })),
  rows: v.array(v.record(v.string(), v.unknown())),
});
