/**
 * Expressions over stored rows: only the columns that they read are fetched.
 *
 * @module
 */
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { compileScalars, type ProjectionEvaluator } from "../../exec/expression/compile.ts";
import { materialize } from "../../exec/materialize.ts";
import { references } from "../../exec/need.ts";
import type { DenseVector } from "../../exec/vector_build.ts";
import type { PlanColumn, Scalar } from "../../query/plan.ts";
import type { Vector } from "../../storage/vector.ts";
import type { SlotRows } from "./slot_rows.ts";

const NOT_READ: Vector = { kind: "i32", values: new Int32Array(0), nulls: null };

/** See the module header. */
export class RowScalars {
  readonly #rows: SlotRows;
  readonly #evaluator: ProjectionEvaluator;
  readonly #columnCount: number;
  /** Positions of the columns that are read. */
  readonly #positions: readonly number[];

  constructor(
    scalars: readonly Scalar[],
    columns: readonly PlanColumn[],
    rows: SlotRows,
    environment: ExecutionEnvironment,
  ) {
    this.#rows = rows;
    this.#evaluator = compileScalars(scalars, columns, environment);
    this.#columnCount = columns.length;
    const read = references(scalars);
    this.#positions = columns.flatMap((column, position) => read.has(column.id) ? [position] : []);
  }

  /** The expressions for the rows with these ids; they hold until the next call. */
  evaluate(rows: Int32Array): readonly DenseVector[] {
    const columns = new Array<Vector>(this.#columnCount).fill(NOT_READ);
    const read = this.#rows.columnsAt(rows, this.#positions);
    for (let i = 0; i < read.length; i++) columns[this.#positions[i]!] = read[i]!;
    const size = rows.length;
    return this.#evaluator.evaluate({ size, columns }).map((vector) => materialize(vector, size));
  }
}
