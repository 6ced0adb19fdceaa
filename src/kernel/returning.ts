/**
 * RETURNING: the rows that a statement wrote, as its items show them.
 *
 * Items without a subquery are evaluated as the rows are written. With one, the rows are kept with the source
 * columns that the items read, and one query at the end answers for all of them.
 *
 * @module
 */
import { evaluateRow, type RowEnvironment, type RowLookup } from "../exec/row_evaluator.ts";
import type { BoundStatement } from "../query/bound_statement.ts";
import type { ColumnId, PlanColumn, Scalar } from "../query/plan.ts";
import { freeColumns, planColumns } from "../query/plan_walk.ts";
import type { Datum } from "../storage/sql_type.ts";
import { hasSubquery, type RowQuestion } from "./row_query.ts";

/** What a statement returns, row by row. */
export class Returning {
  readonly #expressions: readonly Scalar[] | undefined;
  readonly #row: readonly PlanColumn[];
  /** Columns of the source that the items read. */
  readonly #more: readonly PlanColumn[];
  readonly #deferred: boolean;
  readonly #env: RowEnvironment;
  readonly #rows: (readonly Datum[])[] = [];

  constructor(bound: Exclude<BoundStatement, { kind: "select" }>, env: RowEnvironment) {
    this.#expressions = bound.returning?.items.map(({ expression }) => expression);
    this.#row = bound.row;
    this.#deferred = this.#expressions?.some(hasSubquery) ?? false;
    this.#env = env;
    if (!this.#deferred) {
      this.#more = [];
      return;
    }
    const read = new Set(this.#expressions?.flatMap((expression) => [...freeColumns(expression)]));
    for (const column of bound.row) read.delete(column.id);
    this.#more = planColumns(bound.source).filter((column) => read.has(column.id));
  }

  /** False when the statement returns nothing. */
  get wanted(): boolean {
    return this.#expressions !== undefined;
  }

  /** Adds a row; `source` has the values of the columns that are not the row's. */
  add(row: readonly Datum[], source: RowLookup = () => null): void {
    if (this.#expressions === undefined) return;
    if (this.#deferred) this.#rows.push([...row, ...this.#more.map(({ id }) => source(id))]);
    else {
      const lookup = rowLookup([[this.#row, row]], source);
      this.#rows.push(this.#expressions.map((expression) => evaluateRow(expression, lookup, this.#env)));
    }
  }

  /** The rows to show; `ask` answers when the items have subqueries. */
  async rows(
    ask: (question: RowQuestion, rows: readonly (readonly Datum[])[]) => Promise<RowAnswers>,
  ): Promise<readonly (readonly Datum[])[]> {
    if (!this.#deferred || this.#rows.length === 0) return this.#rows;
    const columns = [...this.#row, ...this.#more];
    const answers = await ask({ columns, expressions: this.#expressions!, condition: null }, this.#rows);
    // Without a condition every row has an answer.
    return this.#rows.map((_, i) => answers[i]!);
  }
}

/** Values of the expressions by row; undefined where the condition does not hold. */
export type RowAnswers = readonly (readonly Datum[] | undefined)[];

/** Column values by id: from the given rows, then from `fallback`. */
export function rowLookup(
  sources: readonly (readonly [columns: readonly PlanColumn[], row: readonly Datum[]])[],
  fallback: RowLookup = () => null,
): RowLookup {
  const values = new Map<ColumnId, Datum>();
  for (const [columns, row] of sources) columns.forEach((column, i) => values.set(column.id, row[i] ?? null));
  return (id) => {
    const value = values.get(id);
    return value === undefined ? fallback(id) : value;
  };
}
