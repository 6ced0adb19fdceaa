/**
 * Results as JSON: an array of objects, or one object per line (NDJSON), in chunks of text.
 *
 * Numbers keep all digits, as JSON allows; dates and intervals are texts. NaN and infinities are null, for
 * JSON has no word for them.
 *
 * @module
 */
import { materialize } from "../../src/exec/materialize.ts";
import { readDatums } from "../../src/exec/vector_read.ts";
import { formatDatum } from "../../src/query/functions/text_format.ts";
import type { Datum, SqlType } from "../../src/storage/sql_type.ts";
import type { CsvResult } from "../csv/write_csv.ts";

const CHUNK_ROWS = 4096;

/** The text of `result`, some thousand rows at a time. */
export function* writeJson(
  result: CsvResult,
  format: "json" | "ndjson" = "json",
): Generator<string, void, undefined> {
  const columns = result.columns.map(({ name, sqlType }, i) => ({
    key: JSON.stringify(name),
    type: sqlType,
    datums: readDatums(materialize(result.vector(i), result.rowCount), result.rowCount),
  }));
  const array = format === "json";
  if (array) yield "[";
  for (let from = 0; from < result.rowCount; from += CHUNK_ROWS) {
    let chunk = "";
    for (let row = from; row < Math.min(from + CHUNK_ROWS, result.rowCount); row++) {
      const members = columns.map(({ key, type, datums }) => `${key}:${jsonOf(datums[row]!, type)}`);
      chunk += `${array ? (row === 0 ? "\n" : ",\n") : ""}{${members.join(",")}}${array ? "" : "\n"}`;
    }
    yield chunk;
  }
  if (array) yield result.rowCount === 0 ? "]\n" : "\n]\n";
}

/** One value as JSON. */
function jsonOf(datum: Datum, type: SqlType): string {
  if (datum === null) return "null";
  switch (type.kind) {
    case "boolean":
      return datum === true ? "true" : "false";
    case "json":
      return formatDatum(datum, type);
    case "real":
    case "double":
      return Number.isFinite(datum) ? formatDatum(datum, type) : "null";
    case "smallint":
    case "integer":
    case "bigint":
    case "decimal":
      return formatDatum(datum, type);
    case "numeric": {
      const text = formatDatum(datum, type);
      return /^[-\d.]+$/.test(text) ? text : "null";
    }
    case "array":
      return Array.isArray(datum)
        ? `[${datum.map((item: Datum) => jsonOf(item, type.element)).join(",")}]`
        : "null";
    default:
      return JSON.stringify(formatDatum(datum, type));
  }
}
