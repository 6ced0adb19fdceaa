/**
 * Generated columns of rows that are written without SQL: computed row by row from the other columns, never given.
 * Tables without such columns pay one test. O(rows * expressions).
 *
 * @module
 */
import { QueryError, SchemaError } from "../base/error.ts";
import { evaluateRow } from "../exec/row_evaluator.ts";
import type { CatalogTable } from "../query/catalog.ts";
import type { PlanColumn, Scalar } from "../query/plan.ts";
import type { BatchColumn, ColumnBatch } from "../storage/column_batch.ts";
import type { Datum } from "../storage/sql_type.ts";
import { columnDatums } from "./batch_datums.ts";
import { bindDefinition } from "./bind_definition.ts";
import type { Kernel } from "./kernel.ts";
import { datumsToColumn } from "./value_input.ts";

interface GeneratedColumn {
  readonly ordinal: number;
  readonly scalar: Scalar;
}

/** Whether a column of `table` is computed from others. */
export function hasGenerated(table: CatalogTable): boolean {
  return table.columns.some((column) => column.generated !== undefined);
}

/** Throws when `name` is a generated column of `table`. */
export function requireNotGenerated(table: CatalogTable, name: string): void {
  if (table.columns.find((column) => column.name === name)?.generated === undefined) return;
  throw new SchemaError("invalid-input", `Column "${name}" of "${table.name}" is generated`, {
    details: { table: table.name, column: name },
    hint: "leave it out: it is computed from the other columns",
  });
}

/** Throws when the columns of `table` that depend on others would go stale. */
export function requireNoGenerated(table: CatalogTable): void {
  if (!hasGenerated(table)) return;
  throw new QueryError("unsupported", `Table "${table.name}" has generated columns`, {
    details: { table: table.name },
    hint: "use UPDATE in SQL, which computes them",
  });
}

/** Computes the generated columns of rows in table order, in place. */
export function fillGenerated(kernel: Kernel, table: CatalogTable, rows: readonly Datum[][]): void {
  const env = kernel.rowEnvironment();
  for (const { ordinal, scalar } of generatedColumns(kernel, table)) {
    for (const row of rows) row[ordinal] = evaluateRow(scalar, (id) => row[id] ?? null, env);
  }
}

/** `batch` with its generated columns. */
export function withGenerated(kernel: Kernel, table: CatalogTable, batch: ColumnBatch): ColumnBatch {
  const env = kernel.rowEnvironment();
  const given = table.columns.map(({ name, type }) => {
    const column = batch.columns[name];
    return column === undefined ? undefined : columnDatums(column, type);
  });
  const columns: Record<string, BatchColumn> = { ...batch.columns };
  for (const { ordinal, scalar } of generatedColumns(kernel, table)) {
    const { name, type } = table.columns[ordinal]!;
    const values = Array.from(
      { length: batch.rowCount },
      (_, row) => evaluateRow(scalar, (id) => given[id]?.[row] ?? null, env),
    );
    columns[name] = datumsToColumn(values, type);
  }
  return { rowCount: batch.rowCount, columns };
}

function generatedColumns(kernel: Kernel, table: CatalogTable): readonly GeneratedColumn[] {
  const row: readonly PlanColumn[] = table.columns.map(({ name, type, nullable }, id) => ({
    id,
    name,
    type,
    nullable,
  }));
  return table.columns.flatMap(({ generated, type }, ordinal) =>
    generated === undefined ? [] : [{ ordinal, scalar: bindDefinition(kernel, generated, row, type) }]
  );
}
