import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { SeededRandom } from "../../../../src/base/random.ts";
import type { AggregateDefinition, TypePattern } from "../../../../src/query/function.ts";
import { BUILTIN_FUNCTIONS } from "../../../../src/query/functions/library.ts";
import { formatDatum } from "../../../../src/query/functions/text_format.ts";
import type { Datum, SqlType } from "../../../../src/storage/sql_type.ts";
import { contextOf, literal, typeOf } from "./call_function.ts";

const SEED = Number(Deno.env.get("LIVEVIEW_SEED") ?? 7);
const RUNS = Number(Deno.env.get("LIVEVIEW_RUNS") ?? 1);

/** Texts of values of each kind, NULL among them. */
const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  boolean: ["true", "false", "NULL"],
  smallint: ["1", "-7", "300", "NULL"],
  integer: ["0", "5", "-2147483648", "2147483647", "NULL"],
  bigint: ["9223372036854775807", "-5", "9007199254740993", "NULL"],
  "decimal(12,2)": ["1.10", "-99999999.99", "0.01", "NULL"],
  numeric: ["1.5", "NaN", "1e15", "0.0000001", "NULL"],
  float8: ["0.1", "1e16", "-1e16", "1", "3.3e-9", "NaN", "Infinity", "NULL"],
  interval: ["1 day", "-3 hours", "2 mons", "NULL"],
  text: ["a", "b", "NULL"],
};

function typesFor(pattern: TypePattern): string[] {
  switch (pattern) {
    case "number":
      return ["integer", "bigint", "decimal(12,2)", "numeric", "float8"];
    case "any":
    case "anyelement":
      return ["text", "integer", "interval"];
    case "double":
      return ["float8"];
    default:
      return pattern in SAMPLES ? [pattern] : [];
  }
}

function combinations(patterns: readonly TypePattern[]): string[][] {
  return patterns.reduce<string[][]>(
    (rows, pattern) => rows.flatMap((row) => typesFor(pattern).map((type) => [...row, type])),
    [[]],
  );
}

interface Subject {
  readonly definition: AggregateDefinition;
  readonly typeNames: readonly string[];
  readonly types: readonly SqlType[];
  readonly resultType: SqlType;
}

function* subjects(): Generator<Subject> {
  for (const definition of BUILTIN_FUNCTIONS.aggregates) {
    for (const { parameters, returns } of definition.signatures) {
      for (const typeNames of combinations(parameters)) {
        const types = typeNames.map(typeOf);
        const resultType = typeof returns === "function" ? returns(types) : returns;
        yield { definition, typeNames, types, resultType };
      }
    }
  }
}

function randomRow(random: SeededRandom, typeNames: readonly string[]): Datum[] {
  return typeNames.map((name) => literal(`${random.pick(SAMPLES[name]!)}::${name}`).value);
}

function shown(subject: Subject, state: unknown): string {
  const context = contextOf(subject.types, subject.resultType);
  const value = subject.definition.value(state, context);
  return value === null ? "NULL" : formatDatum(value, subject.resultType);
}

function stateOf(subject: Subject, rows: readonly (readonly Datum[])[]): unknown {
  const state = subject.definition.init(contextOf(subject.types, subject.resultType));
  for (const row of rows) subject.definition.add(state, row);
  return state;
}

/** The results of both, or the fact that both fail: a sum may be out of range. */
function outcome(run: () => string): string {
  try {
    return run();
  } catch {
    return "an error";
  }
}

/** Aggregates whose second argument must be the same for all rows of a group. */
const CONSTANT_ARGUMENT = /quantile|percentile/;

describe("aggregates", () => {
  it(`remove() takes back what add() added (seed ${SEED})`, () => {
    const random = new SeededRandom(SEED);
    for (const subject of subjects()) {
      const { remove } = subject.definition;
      if (remove === undefined) continue;
      for (let run = 0; run < 5 * RUNS; run++) {
        const kept = Array.from({ length: random.integer(0, 5) }, () => randomRow(random, subject.typeNames));
        const gone = Array.from({ length: random.integer(0, 5) }, () => randomRow(random, subject.typeNames));
        const state = stateOf(subject, [...gone, ...kept]);
        for (const row of gone) remove(state, row);
        const name = `${subject.definition.name}(${subject.typeNames.join(", ")})`;
        assertEquals(
          outcome(() => shown(subject, state)),
          outcome(() => shown(subject, stateOf(subject, kept))),
          name,
        );
      }
    }
  });

  it(`merge() joins partial states (seed ${SEED})`, () => {
    const random = new SeededRandom(SEED);
    for (const subject of subjects()) {
      const { merge } = subject.definition;
      if (merge === undefined || CONSTANT_ARGUMENT.test(subject.definition.name)) continue;
      for (let run = 0; run < 5 * RUNS; run++) {
        const first = Array.from(
          { length: random.integer(0, 4) },
          () => randomRow(random, subject.typeNames),
        );
        const second = Array.from(
          { length: random.integer(0, 4) },
          () => randomRow(random, subject.typeNames),
        );
        const name = `${subject.definition.name}(${subject.typeNames.join(", ")})`;
        const merged = (): string => {
          const state = stateOf(subject, first);
          merge(state, stateOf(subject, second));
          return shown(subject, state);
        };
        assertEquals(
          outcome(merged),
          outcome(() => shown(subject, stateOf(subject, [...first, ...second]))),
          name,
        );
      }
    }
  });

  it("sum() of doubles does not depend on the order of rows", () => {
    const sum = BUILTIN_FUNCTIONS.aggregates.find((one) => one.name === "sum")!;
    const type: SqlType = { kind: "double" };
    const context = contextOf([type], type);
    const values = [1e16, 1, -1e16, 0.1, 1e-9];
    const total = (order: readonly number[]): Datum => {
      const state = sum.init(context);
      for (const value of order) sum.add(state, [value]);
      return sum.value(state, context);
    };
    assertEquals(total(values), total(values.toReversed()));
  });
});
