/**
 * Changes of a table's columns. Each rewrites what it must and nothing else: adding a column writes that column,
 * dropping one writes nothing, changing a type converts one column. Held snapshots keep the old columns.
 *
 * @module
 */
import { SchemaError } from "../base/error.ts";
import { prepareDatums } from "./column_source.ts";
import type { Segment } from "./segment.ts";
import type { WritableColumn } from "./segment_column.ts";
import type { Datum, SqlType } from "./sql_type.ts";
import type { ColumnMaker, Table } from "./table.ts";
import {
  checkColumnType,
  type CheckConstraint,
  checkDefinition,
  type TableDefinition,
} from "./table_definition.ts";
import type { StoredColumnDefinition } from "./table_view.ts";
import { acceptDatum, nullError, type ValueSite } from "./value_check.ts";

/** Appends a column that holds `fill` in every row. O(rows). */
export function addColumn(table: Table, column: StoredColumnDefinition, fill: Datum): void {
  const { definition } = table;
  const changed = { ...definition, columns: [...definition.columns, column] };
  checkDefinition(changed);
  const site = { table: table.name, column };
  if (table.rowCount > 0) acceptDatum(site, fill, 0);
  const make: ColumnMaker = (segment, empty) => fillColumn(site, segment, empty, fill);
  const ordinals = [...definition.columns.keys()];
  table.rewrite(changed, [...ordinals, make], ordinals);
}

/**
 * Removes a column and the indexes on it. Columns behind it move up by one, so CHECKs, which know columns by
 * ordinal, are replaced by `checks`. O(segments), and the remaining indexes are built anew.
 */
export function dropColumn(table: Table, ordinal: number, checks: readonly CheckConstraint[] = []): void {
  const { definition } = table;
  const { columns, name, primaryKey } = definition;
  if (primaryKey.includes(ordinal)) {
    throw new SchemaError(
      "dependent-objects",
      `Cannot drop column ${columns[ordinal].name}: it is in the primary key`,
      {
        details: { table: name, column: columns[ordinal].name },
        hint: "create the table anew with another key",
      },
    );
  }
  const kept = [...columns.keys()].filter((other) => other !== ordinal);
  const moved = (ordinals: readonly number[]): number[] => ordinals.map((other) => kept.indexOf(other));
  const without = (ordinals: readonly number[]): boolean => !ordinals.includes(ordinal);
  const changed: TableDefinition = {
    ...definition,
    columns: kept.map((other) => columns[other]),
    primaryKey: moved(primaryKey),
    uniqueKeys: (definition.uniqueKeys ?? []).filter((key) => without(key.ordinals))
      .map((key) => ({ ...key, ordinals: moved(key.ordinals) })),
    references: (definition.references ?? []).filter((reference) => without(reference.ordinals))
      .map((reference) => ({ ...reference, ordinals: moved(reference.ordinals) })),
    checks,
  };
  table.rewrite(changed, kept, moved([...columns.keys()]));
}

/** Gives a column another name. O(1). */
export function renameColumn(table: Table, ordinal: number, name: string): void {
  redefineColumn(table, ordinal, { name });
}

/** Gives a column another type, converting each value. O(rows). Throws what `convert` throws, changing nothing. */
export function alterColumnType(
  table: Table,
  ordinal: number,
  type: SqlType,
  convert: (value: Datum) => Datum,
): void {
  const { definition } = table;
  const column = { ...definition.columns[ordinal], type };
  checkColumnType(table.name, column.name, type);
  const site = { table: table.name, column };
  // Converted in full before the table changes, so that a failure leaves it as it was.
  const converted = new Map<Segment, Datum[]>();
  for (const segment of table.segments) {
    converted.set(segment, convertSegment(site, segment, ordinal, convert));
  }
  const make: ColumnMaker = (segment, empty) => {
    let target: WritableColumn = empty;
    for (const [offset, value] of (converted.get(segment) ?? []).entries()) {
      target = target.put(offset, value, true);
    }
    return target;
  };
  const columns = definition.columns.with(ordinal, column);
  const source = columns.map((_, other) => other === ordinal ? make : other);
  table.rewrite({ ...definition, columns }, source, [...columns.keys()]);
}

/** Sets or drops NOT NULL. Setting reads the column: O(rows). */
export function setNullable(table: Table, ordinal: number, nullable: boolean): void {
  const column = table.definition.columns[ordinal];
  if (!nullable) {
    for (const rows of table.liveRows()) {
      for (const row of rows) {
        if (table.get(row, ordinal) === null) throw nullError({ table: table.name, column }, row);
      }
    }
  }
  redefineColumn(table, ordinal, { nullable });
}

function redefineColumn(table: Table, ordinal: number, change: Partial<StoredColumnDefinition>): void {
  const { definition } = table;
  const columns = definition.columns.with(ordinal, { ...definition.columns[ordinal], ...change });
  const changed = { ...definition, columns };
  checkDefinition(changed);
  table.redefine(changed);
}

function fillColumn(site: ValueSite, segment: Segment, empty: WritableColumn, fill: Datum): WritableColumn {
  const count = segment.slotCount;
  if (count === 0) return empty;
  if (fill === null) return empty.append(0, { kind: "nulls" }, 0, count);
  return empty.append(0, prepareDatums(site, new Array<Datum>(count).fill(fill), count), 0, count);
}

function convertSegment(
  site: ValueSite,
  segment: Segment,
  ordinal: number,
  convert: (value: Datum) => Datum,
): Datum[] {
  const values = new Array<Datum>(segment.slotCount).fill(null);
  for (let offset = 0; offset < segment.slotCount; offset++) {
    if (segment.isDeleted(offset)) continue;
    const value = segment.columns[ordinal].get(offset);
    values[offset] = acceptDatum(site, value === null ? null : convert(value), offset);
  }
  return values;
}
