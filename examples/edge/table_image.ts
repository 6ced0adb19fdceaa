/**
 * The rows of a table as an Arrow stream, and back, with no value changed.
 *
 * Types that Arrow lacks (INTERVAL, JSON, arrays, NUMERIC, whose values have scales of their own) travel as text and are
 * cast back. Generated columns are left out: inserting computes them. O(values).
 *
 * @module
 */
import { readArrow } from "../../connectors/arrow/read_arrow.ts";
import { DECIMAL_DIGITS_MAX } from "../../connectors/arrow/arrow_type.ts";
import { writeArrow } from "../../connectors/arrow/write_arrow.ts";
import { castColumn } from "../../connectors/files/cast_batch.ts";
import { quoteIdentifier } from "../../connectors/files/sql_name.ts";
import type { BatchColumn } from "../../src/storage/column_batch.ts";
import type { SqlType } from "../../src/storage/sql_type.ts";
import type { CatalogColumn } from "../../src/query/catalog.ts";
import type { Database, Queryable } from "../../src/kernel/database.ts";
import type { TableImage } from "./snapshot_store.ts";

/** What is needed of a database. */
export type ImageDatabase = Queryable & Pick<Database, "catalog">;

/** The rows of `name` as `reader` sees them. */
export async function tableImage(
  reader: Pick<Queryable, "query">,
  catalog: Database["catalog"],
  name: string,
): Promise<TableImage> {
  const columns = storedColumns(catalog, name).map((column) => {
    const quoted = quoteIdentifier(column.name);
    return hasArrowType(column.type) ? quoted : `CAST(${quoted} AS TEXT) AS ${quoted}`;
  });
  const result = await reader.query(`SELECT ${columns.join(", ")} FROM ${quoteName(name)}`);
  // Freshly made, so its buffer is nobody else's.
  const bytes = writeArrow(result).slice() as Uint8Array<ArrayBuffer>;
  return { name, rowCount: result.rowCount, bytes };
}

/** Inserts the rows of `bytes` into `name`, and lets its identity columns go on behind them. */
export async function restoreTable(db: ImageDatabase, name: string, bytes: Uint8Array): Promise<number> {
  const stored = storedColumns(db.catalog, name);
  const source = await readArrow(bytes);
  const kept = source.columns.flatMap((from) => {
    const to = stored.find((column) => column.name === from.name);
    return to === undefined ? [] : [{ from, to }];
  });
  let rows = 0;
  for await (const batch of source.batches()) {
    const columns: Record<string, BatchColumn> = {};
    for (const { from, to } of kept) {
      columns[to.name] = castColumn(batch.columns[to.name]!, from.type, to.type, {
        file: name,
        column: to.name,
        rowStart: rows,
      });
    }
    rows += await db.insert(name, { rowCount: batch.rowCount, columns });
  }
  for (const column of stored) {
    if (column.identity !== undefined) await advanceIdentity(db, name, column.name);
  }
  return rows;
}

async function advanceIdentity(db: Queryable, table: string, column: string): Promise<void> {
  const last = `SELECT max(${quoteIdentifier(column)}) AS last FROM ${quoteName(table)}`;
  await db.query(`SELECT setval($1, last) FROM (${last}) AS t WHERE last IS NOT NULL`, {
    params: [`${table}.${column}`],
  });
}

function storedColumns(catalog: Database["catalog"], name: string): readonly CatalogColumn[] {
  const relation = catalog.relation(name);
  if (relation?.kind !== "table") return [];
  return relation.columns.filter((column) => column.generated === undefined);
}

/** Whether Arrow has a type for every value of `type`. */
function hasArrowType(type: SqlType): boolean {
  switch (type.kind) {
    case "numeric":
    case "interval":
    case "json":
    case "array":
      return false;
    case "decimal":
      return type.precision <= DECIMAL_DIGITS_MAX;
    default:
      return true;
  }
}

/** A qualified name, as the catalogue has it, in SQL. */
function quoteName(name: string): string {
  return name.split(".").map(quoteIdentifier).join(".");
}
