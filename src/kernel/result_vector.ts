/**
 * Vectors made of datums, for the results of statements that do not come from a pipeline.
 *
 * @module
 */
import type { Datum } from "../storage/sql_type.ts";
import type { Vector } from "../storage/vector.ts";

/** `datums` as an object vector: small results need no typed arrays. */
export function datumsToVector(datums: readonly Datum[]): Vector {
  let nulls: Uint8Array | null = null;
  datums.forEach((datum, row) => {
    if (datum === null) (nulls ??= new Uint8Array(datums.length))[row] = 1;
  });
  return { kind: "object", values: datums, nulls };
}
