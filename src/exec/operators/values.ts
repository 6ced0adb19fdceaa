/**
 * Rows written in the query: VALUES, and the one empty row of SELECT without FROM.
 *
 * @module
 */
import type { PlanColumn, Scalar } from "../../query/plan.ts";
import type { Datum } from "../../storage/sql_type.ts";
import { type Chunk, CHUNK_ROWS } from "../../storage/vector.ts";
import { compileScalar } from "../expression/compile.ts";
import type { EvaluationEnvironment } from "../expression/environment.ts";
import { vectorFromDatums } from "../vector_build.ts";
import { datumAt } from "../vector_read.ts";
import type { RowBudget, Source } from "./operator.ts";

const ONE_ROW: Chunk = Object.freeze({ size: 1, columns: [] });

/** The value of an expression that reads no column. */
export function constantValue(scalar: Scalar, environment: EvaluationEnvironment): Datum {
  if (scalar.kind === "literal") return scalar.value;
  return datumAt(compileScalar(scalar, [], environment).evaluate(ONE_ROW), 0);
}

/** Gives literal rows. */
export class ValuesSource implements Source {
  readonly #columns: readonly PlanColumn[];
  readonly #rows: readonly (readonly Scalar[])[];
  readonly #environment: EvaluationEnvironment;
  #at = 0;

  constructor(
    columns: readonly PlanColumn[],
    rows: readonly (readonly Scalar[])[],
    environment: EvaluationEnvironment,
  ) {
    this.#columns = columns;
    this.#rows = rows;
    this.#environment = environment;
  }

  next(_budget: RowBudget): Chunk | null {
    if (this.#at >= this.#rows.length) return null;
    const rows = this.#rows.slice(this.#at, this.#at + CHUNK_ROWS);
    this.#at += rows.length;
    const columns = this.#columns.map((column, j) => {
      const values = rows.map((row) => constantValue(row[j]!, this.#environment));
      return vectorFromDatums(column.type, values, rows.length);
    });
    return { size: rows.length, columns };
  }
}
