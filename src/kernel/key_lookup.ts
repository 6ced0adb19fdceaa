/**
 * Statements by primary key: an index lookup instead of a pipeline.
 *
 * @module
 */
import { evaluateRow, type RowEnvironment, type RowLookup } from "../exec/row_evaluator.ts";
import type { ColumnId, Plan, Scalar, ScanPlan } from "../query/plan.ts";
import { someScalar, splitConjuncts } from "../query/plan_walk.ts";
import type { Datum } from "../storage/sql_type.ts";
import type { Store } from "../storage/store.ts";
import type { Kernel } from "./kernel.ts";

/** Rows read by column id. */
export interface LookedUpRows {
  readonly rowCount: number;
  value(id: ColumnId, row: number): Datum;
}

/** How rows are found: a transaction, or the store as it was committed. */
export interface KeyReader {
  /** The row with this primary key, or -1. */
  findByKey(table: string, key: readonly Datum[]): number;
  row(table: string, rowId: number): readonly Datum[];
}

/** Reads the committed rows of `store`; for use while no transaction is open. */
export function committedReader(store: Store): KeyReader {
  return {
    findByKey: (table, key) => store.table(table)?.findByPrimaryKey(key) ?? -1,
    row: (table, rowId) => store.table(table)?.row(rowId) ?? [],
  };
}

/**
 * The row that `plan` selects, when it is projections over a filter over a scan and the filter fixes the whole
 * primary key with values known now; undefined when the plan has another form.
 */
export function findByPrimaryKey(
  kernel: Kernel,
  reader: KeyReader,
  plan: Plan,
  env: RowEnvironment,
): LookedUpRows | undefined {
  if (plan.kind === "project") {
    const input = findByPrimaryKey(kernel, reader, plan.input, env);
    if (input === undefined) return undefined;
    const values = new Map(plan.items.map((item) => [item.id, item.expression]));
    return {
      rowCount: input.rowCount,
      value: (id, row) => evaluateRow(values.get(id)!, (inner) => input.value(inner, row), env),
    };
  }
  if (plan.kind !== "filter" || plan.input.kind !== "scan") {
    return undefined;
  }
  const scan = plan.input;
  if (scan.version !== undefined) return undefined;
  const primaryKey = kernel.store.table(scan.table)?.definition.primaryKey ?? [];
  const key = keyValues(scan, primaryKey, splitConjuncts(plan.predicate), env);
  if (key === undefined) return undefined;
  const rowId = reader.findByKey(scan.table, key);
  if (rowId < 0) return { rowCount: 0, value: () => null };
  const row = reader.row(scan.table, rowId);
  const ordinals = new Map(scan.columns.map((column) => [column.id, column.ordinal]));
  const lookup: RowLookup = (id) => id === scan.rowId?.id ? rowId : row[ordinals.get(id)!]!;
  const matches = evaluateRow(plan.predicate, lookup, env) === true;
  return { rowCount: matches ? 1 : 0, value: lookup };
}

function keyValues(
  scan: ScanPlan,
  primaryKey: readonly number[],
  conjuncts: readonly Scalar[],
  env: RowEnvironment,
): Datum[] | undefined {
  if (primaryKey.length === 0) return undefined;
  const key: Datum[] = [];
  for (const ordinal of primaryKey) {
    const column = scan.columns.find((candidate) => candidate.ordinal === ordinal);
    if (column === undefined) return undefined;
    const value = conjuncts.map((conjunct) => constantEqualTo(conjunct, column.id)).find((found) =>
      found !== undefined
    );
    if (value === undefined) return undefined;
    const datum = evaluateRow(value, () => null, env);
    if (datum === null) return undefined;
    key.push(datum);
  }
  return key;
}

/** The other side of `column = constant`, when it depends on no column. */
function constantEqualTo(conjunct: Scalar, id: ColumnId): Scalar | undefined {
  if (conjunct.kind !== "call" || conjunct.name !== "=") return undefined;
  const [left, right] = conjunct.arguments;
  if (left?.kind === "column" && left.id === id && right !== undefined && isConstant(right)) return right;
  if (right?.kind === "column" && right.id === id && left !== undefined && isConstant(left)) return left;
  return undefined;
}

function isConstant(scalar: Scalar): boolean {
  return !someScalar(scalar, (part) => part.kind === "column" || part.kind === "subquery");
}
