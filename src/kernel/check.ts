/**
 * CHECK constraints, evaluated row by row on what a statement wrote.
 *
 * @module
 */
import { SchemaError } from "../base/error.ts";
import { evaluateRow, type RowEnvironment } from "../exec/row_evaluator.ts";
import { bindScalar } from "../query/binder.ts";
import type { PlanColumn, Scalar } from "../query/plan.ts";
import { formatDatum } from "../query/functions/text_format.ts";
import type { Datum } from "../storage/sql_type.ts";
import type { Kernel } from "./kernel.ts";

/** Throws `check-violation` when a row breaks a constraint. */
export type RowCheck = (row: readonly Datum[], rowIndex: number, env: RowEnvironment) => void;

interface BoundCheck {
  readonly name: string;
  readonly predicate: Scalar;
}

interface BoundChecks {
  readonly catalogVersion: number;
  readonly checks: readonly BoundCheck[];
}

const boundChecks = new WeakMap<Kernel, Map<string, BoundChecks>>();

/** The check of `table`, or undefined when it has no CHECK constraint. */
export function rowChecks(kernel: Kernel, table: string): RowCheck | undefined {
  const { checks } = kernel.catalog.details(table);
  if (checks.length === 0) return undefined;
  const columns = tableColumns(kernel, table);
  const bound = bindChecks(kernel, table, columns);
  return (row, rowIndex, env) => {
    for (const { name, predicate } of bound) {
      // NULL passes, as SQL has it.
      if (evaluateRow(predicate, (id) => row[id]!, env) !== false) continue;
      const shown = columns.map((column, i) => `${column.name} = ${showDatum(row[i]!, column)}`).join(", ");
      throw new SchemaError(
        "check-violation",
        `Row ${rowIndex} of "${table}" violates CHECK "${name}": ${shown}`,
        {
          details: { table, constraint: name, row: rowIndex },
          hint: "change the row or the constraint",
        },
      );
    }
  };
}

/** The columns of a table with their ordinals as ids. */
export function tableColumns(kernel: Kernel, table: string): readonly PlanColumn[] {
  const columns = kernel.store.table(table)?.definition.columns ?? [];
  return columns.map(({ name, type, nullable }, id) => ({ id, name, type, nullable }));
}

function bindChecks(kernel: Kernel, table: string, columns: readonly PlanColumn[]): readonly BoundCheck[] {
  let byTable = boundChecks.get(kernel);
  if (byTable === undefined) boundChecks.set(kernel, byTable = new Map());
  const known = byTable.get(table);
  if (known !== undefined && known.catalogVersion === kernel.catalog.version) return known.checks;
  const checks = kernel.catalog.details(table).checks.map(({ name, expression }) => ({
    name,
    predicate: bindScalar(expression, columns, {
      catalog: kernel.catalog,
      functions: kernel.functions,
      timeZone: kernel.timeZone,
    }),
  }));
  byTable.set(table, { catalogVersion: kernel.catalog.version, checks });
  return checks;
}

function showDatum(datum: Datum, column: PlanColumn): string {
  if (datum === null) return "NULL";
  const text = formatDatum(datum, column.type);
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
