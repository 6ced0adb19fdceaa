import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { QueryError } from "../../../../src/base/error.ts";
import { SeededRandom } from "../../../../src/base/random.ts";
import { compileScalar } from "../../../../src/exec/expression/compile.ts";
import { compilePredicate } from "../../../../src/exec/expression/predicate.ts";
import { datumAt } from "../../../../src/exec/vector_read.ts";
import { FunctionRegistry } from "../../../../src/query/function_registry.ts";
import { BUILTIN_FUNCTIONS } from "../../../../src/query/functions/library.ts";
import type { PlanColumn, Scalar } from "../../../../src/query/plan.ts";
import { BOOLEAN, type Datum } from "../../../../src/storage/sql_type.ts";
import { evaluateNaively } from "./naive_evaluation.ts";
import { randomDatums, randomVector } from "./random_chunk.ts";
import { COLUMN_TYPES, ExpressionMaker } from "./random_expression.ts";

const REGISTRY = new FunctionRegistry(BUILTIN_FUNCTIONS);
const ENVIRONMENT = {
  parameters: [],
  functions: REGISTRY,
  nowMicros: 0,
  timeZone: "UTC",
  random: () => 0.5,
};
const SEED = Number(Deno.env.get("LIVEVIEW_SEED") ?? 1);
const RUNS = Number(Deno.env.get("LIVEVIEW_RUNS") ?? 1);

interface Trial {
  readonly random: SeededRandom;
  readonly columns: readonly PlanColumn[];
  readonly rows: readonly (readonly Datum[])[];
  readonly chunk: { size: number; columns: ReturnType<typeof randomVector>[] };
  readonly maker: ExpressionMaker;
}

/** Two columns of each type, full of random values. */
function trial(seed: number): Trial {
  const random = new SeededRandom(seed);
  const types = [...COLUMN_TYPES, ...COLUMN_TYPES];
  const columns = types.map((type, id) => ({ id, name: `c${id}`, type, nullable: true }));
  const size = random.pick([1, 7, 40]);
  const values = types.map((type) => randomDatums(random, type, size));
  const vectors = types.map((type, id) => randomVector(random, type, values[id]!));
  const rows = Array.from({ length: size }, (_, i) => values.map((column) => column[i]!));
  return {
    random,
    columns,
    rows,
    chunk: { size, columns: vectors },
    maker: new ExpressionMaker(random, REGISTRY, columns),
  };
}

/** The value, or the code of the error. */
function outcome(compute: () => Datum): Datum | { code: string } {
  try {
    return compute();
  } catch (error) {
    assert(error instanceof QueryError, String(error));
    return { code: error.code };
  }
}

function checkScalar(scalar: Scalar, { columns, rows, chunk }: Trial, message: string): void {
  const expected = rows.map((row) => outcome(() => evaluateNaively(scalar, row, ENVIRONMENT)));
  const codes = expected.flatMap((one) =>
    typeof one === "object" && one !== null && "code" in one ? [one.code] : []
  );
  const evaluator = compileScalar(scalar, columns, ENVIRONMENT);
  const actual = outcome(() => {
    const vector = evaluator.evaluate(chunk);
    return rows.map((_, i) => datumAt(vector, i));
  });
  if (codes.length === 0) assertEquals(actual, expected as Datum[], message);
  else {assert(
      typeof actual === "object" && actual !== null && "code" in actual && codes.includes(actual.code),
      message,
    );}
}

function text(scalar: Scalar): string {
  return JSON.stringify(scalar, (_, value) => typeof value === "bigint" ? `${value}n` : value);
}

describe("compileScalar", () => {
  it(`gives what row by row evaluation gives, from seed ${SEED}`, () => {
    for (let run = 0; run < 1500 * RUNS; run++) {
      const seed = SEED * 1_000_000 + run;
      const one = trial(seed);
      const type = one.random.pick(COLUMN_TYPES);
      const scalar = one.random.next() < 0.4
        ? one.maker.number(2)
        : one.maker.make(type, one.random.integer(1, 4));
      checkScalar(scalar, one, `seed ${seed}: ${text(scalar)}`);
    }
  });
});

describe("compilePredicate", () => {
  it(`selects the rows where the condition is TRUE, from seed ${SEED}`, () => {
    for (let run = 0; run < 1000 * RUNS; run++) {
      const seed = SEED * 2_000_000 + run;
      const one = trial(seed);
      const { maker, random } = one;
      const conjuncts = Array.from(
        { length: random.integer(2, 4) },
        () => maker.make(BOOLEAN, random.integer(1, 3)),
      );
      const scalar: Scalar = { kind: "and", type: BOOLEAN, arguments: conjuncts };
      const expected = one.rows.map((row) => outcome(() => evaluateNaively(scalar, row, ENVIRONMENT)));
      const failing = expected.some((value) => typeof value === "object" && value !== null);
      const selection = new Int32Array(one.chunk.size);
      const actual = outcome(() =>
        compilePredicate(scalar, one.columns, ENVIRONMENT).select(one.chunk, selection)
      );
      const message = `seed ${seed}: ${text(scalar)}`;
      if (failing && typeof actual === "object") continue;
      assert(typeof actual === "number", message);
      const wanted = expected.flatMap((value, i) => value === true ? [i] : []);
      assertEquals(Array.from(selection.subarray(0, actual)), wanted, message);
    }
  });
});
