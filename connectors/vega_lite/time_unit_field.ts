/**
 * Time units of a spec: `"yearmonth"`, `"utchours"`, `{ unit, step, utc }`.
 *
 * @module
 */
import type { Scalar } from "../../src/query/builder.ts";
import { TIMESTAMP } from "../../src/storage/sql_type.ts";
import type { PipelineItem, QueryPipeline } from "../charts/query_pipeline.ts";
import { cutTime, cutTimeTwice, parseTimeUnit, type TimeUnit, wallClock } from "../charts/time_unit.ts";
import { isSpec, pointer, unsupported } from "./spec_shape.ts";

/**
 * Reads a time unit.
 *
 * @throws {QueryError} `unsupported`, also where the unit depends on the extent of the data
 */
export function readTimeUnit(value: unknown, path: string): TimeUnit {
  const spec = isSpec(value) ? value : { unit: value };
  const { unit, step = 1, utc } = spec;
  if (typeof unit !== "string") {
    throw unsupported(path, "The unit is chosen from the extent of the data: name one instead of maxbins");
  }
  const read = typeof step === "number" ? parseTimeUnit(unit, step) : undefined;
  if (read === undefined) {
    throw unsupported(pointer(path, "unit"), `There is no time unit ${JSON.stringify(unit)}`);
  }
  return utc === true ? { ...read, utc: true } : read;
}

/** True for units that say that the data is cut already. */
export function isBinnedUnit(value: unknown): boolean {
  return typeof value === "string" ? value.startsWith("binned") : isSpec(value) && value["binned"] === true;
}

/** The column `column` cut to `unit`, as an item named `name`; `twice` when the library will cut it again. */
export function timeUnitItem(
  pipeline: QueryPipeline,
  cut: { readonly column: string; readonly unit: TimeUnit; readonly name: string; readonly twice?: boolean },
  timeZone: string,
  path: string,
): PipelineItem {
  const value: Scalar = pipeline.column(cut.column, path);
  const clock = wallClock(value, pipeline.typeOf(cut.column), cut.unit.utc ? "UTC" : timeZone);
  return {
    name: cut.name,
    value: (cut.twice === true ? cutTimeTwice : cutTime)(clock, cut.unit),
    type: TIMESTAMP,
  };
}
