/**
 * Fields and starts of units of timestamps against the row-wise functions.
 *
 * @module
 */
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { QueryError } from "../../../../src/base/error.ts";
import { SeededRandom } from "../../../../src/base/random.ts";
import { compileScalar } from "../../../../src/exec/expression/compile.ts";
import { datumAt } from "../../../../src/exec/vector_read.ts";
import { MICROS_MAX } from "../../../../src/exec/kernels/date_fields.ts";
import { FunctionRegistry } from "../../../../src/query/function_registry.ts";
import { BUILTIN_FUNCTIONS } from "../../../../src/query/functions/library.ts";
import type { Scalar } from "../../../../src/query/plan.ts";
import { type Datum, type SqlType, TEXT, TIMESTAMP, TIMESTAMPTZ } from "../../../../src/storage/sql_type.ts";

const REGISTRY = new FunctionRegistry(BUILTIN_FUNCTIONS);
const SEED = Number(Deno.env.get("LIVEVIEW_SEED") ?? 1);
const RUNS = Number(Deno.env.get("LIVEVIEW_RUNS") ?? 1);
const FIELDS = [
  ...["microseconds", "milliseconds", "second", "minute", "hour", "day", "week", "month", "quarter", "year"],
  ...["decade", "century", "millennium", "dow", "isodow", "doy", "isoyear", "julian", "epoch", "timezone"],
];
const DAY = 86_400_000_000;
/** The first and the last timestamp, which are beyond 2^53. */
const EXTREMES = [-2440588 * DAY, 106762939 * DAY];

/** Timestamps near today, near boundaries of units, before 1970, at the bounds of the kernels; one NULL. */
function moments(random: SeededRandom, size: number, far: boolean): Datum[] {
  const values = Array.from({ length: size }, (): Datum => {
    const day = random.pick([0, 0, random.integer(-40_000, 40_000), random.integer(-100_000, 100_000)]) * DAY;
    const time = random.pick([0, 1, -1, DAY - 1, 3_600_000_000, 59_999_999, random.integer(0, DAY - 1)]);
    return Math.max(-MICROS_MAX, Math.min(day + time, MICROS_MAX)) + 0;
  });
  values[0] = null;
  values[1] = MICROS_MAX;
  values[2] = -MICROS_MAX;
  if (far) values[3] = random.pick(EXTREMES);
  return values;
}

function outcome(compute: () => Datum[]): Datum[] | string {
  try {
    return compute();
  } catch (error) {
    assert(error instanceof QueryError, String(error));
    return error.code;
  }
}

/** Checks one call over all values. */
function check(name: string, field: string, type: SqlType, zone: string, values: readonly Datum[]): void {
  const resolved = REGISTRY.resolveScalar(name, [TEXT, type]);
  const { returns, evaluate } = resolved.signature;
  const resultType = typeof returns === "function" ? returns([TEXT, type]) : returns;
  const scalar: Scalar = {
    kind: "call",
    name,
    type: resultType,
    arguments: [
      { kind: "literal", value: field, type: TEXT },
      { kind: "column", id: 1, name: "at", type },
    ],
  };
  const environment = {
    parameters: [],
    functions: REGISTRY,
    nowMicros: 0,
    timeZone: zone,
    random: () => 0.5,
  };
  const context = { ...environment, argumentTypes: [TEXT, type], resultType };
  const expected = outcome(() => values.map((at) => at === null ? null : evaluate([field, at], context)));
  const evaluator = compileScalar(scalar, [{ id: 1, name: "at", type, nullable: true }], environment);
  const actual = outcome(() => {
    const vector = evaluator.evaluate({
      size: values.length,
      columns: [{
        kind: "f64",
        values: Float64Array.from(values, Number),
        nulls: Uint8Array.from(values, (value) => value === null ? 1 : 0),
      }],
    });
    return values.map((_, i) => datumAt(vector, i));
  });
  assertEquals(actual, expected, `${name}(${field}) in ${zone}`);
}

describe(`fields of timestamps (seed ${SEED})`, () => {
  for (const name of ["extract", "date_part", "date_trunc"]) {
    it(`${name} over chunks is what it is row by row`, () => {
      for (let run = 0; run < 4 * RUNS; run++) {
        const random = new SeededRandom(SEED + run);
        const values = moments(random, 200, run % 4 === 3);
        for (const field of FIELDS) {
          check(name, field, TIMESTAMP, "UTC", values);
          check(name, field, TIMESTAMPTZ, "UTC", values);
          check(name, field, TIMESTAMPTZ, "Europe/Berlin", values);
        }
      }
    });
  }
});
