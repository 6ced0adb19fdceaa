/**
 * What a table is made of: columns, keys, constraints, as plain data.
 *
 * @module
 */
import { SchemaError } from "../base/error.ts";
import { type SqlType, typeName } from "./sql_type.ts";
import type { StoredColumnDefinition } from "./table_view.ts";
import type { Chunk } from "./vector.ts";

/** A set of columns that no two rows agree on. */
export interface UniqueKey {
  readonly name: string;
  readonly ordinals: readonly number[];
}

/** Columns whose values are the key of a row of `table`. Declared; checked on demand. */
export interface Reference {
  readonly name: string;
  readonly ordinals: readonly number[];
  readonly table: string;
  /** Columns of the referenced table; its primary key when absent. */
  readonly targetOrdinals?: readonly number[];
}

/** A condition on single rows, evaluated by who knows expressions. */
export interface CheckConstraint {
  readonly name: string;
  /** Columns that the condition reads: updates of others need no check. */
  readonly ordinals: readonly number[];
  /** Index of the first row of `chunk` that violates the condition, or -1. Columns are in table order. */
  firstViolation(chunk: Chunk): number;
}

/** A secondary index. */
export interface IndexDefinition {
  readonly name: string;
  readonly ordinals: readonly number[];
  readonly unique: boolean;
  /** Keeps row ids in key order, for ranges; else a hash table. */
  readonly ordered: boolean;
}

/** A table or stored view. */
export interface TableDefinition {
  readonly name: string;
  readonly kind: "table" | "view";
  readonly columns: readonly StoredColumnDefinition[];
  /** Ordinals of the key columns; empty for a multiset of rows. */
  readonly primaryKey: readonly number[];
  readonly uniqueKeys?: readonly UniqueKey[];
  readonly references?: readonly Reference[];
  readonly checks?: readonly CheckConstraint[];
  /** Columns that tell the rows of a multiset apart, as far as is known; rows are found by value with them. */
  readonly identity?: readonly number[] | undefined;
  /** False for a stored view that has yet to be filled: statements cannot read it. */
  readonly isPopulated?: boolean;
}

/** Throws {@linkcode SchemaError} unless the definition is sound. */
export function checkDefinition(definition: TableDefinition): void {
  const { columns, name } = definition;
  const seen = new Set<string>();
  for (const column of columns) {
    if (seen.has(column.name)) {
      throw new SchemaError("duplicate-object", `Table ${name} has two columns named ${column.name}`, {
        details: { table: name, column: column.name },
        hint: "give each column a name of its own",
      });
    }
    seen.add(column.name);
    checkColumnType(name, column.name, column.type);
  }
  checkOrdinals(definition, definition.primaryKey);
  for (const key of definition.uniqueKeys ?? []) checkOrdinals(definition, key.ordinals);
  for (const reference of definition.references ?? []) checkOrdinals(definition, reference.ordinals);
}

/** Throws unless values of `type` can be stored. */
export function checkColumnType(table: string, column: string, type: SqlType): void {
  if (type.kind !== "null") return;
  throw new SchemaError(
    "invalid-input",
    `Cannot store column ${column} of table ${table}: received type ${typeName(type)}`,
    {
      details: { table, column },
      hint: "cast it to a type",
    },
  );
}

/** Throws unless `ordinals` are distinct columns. */
export function checkOrdinals(definition: TableDefinition, ordinals: readonly number[]): void {
  const sound = new Set(ordinals).size === ordinals.length &&
    ordinals.every((ordinal) => Number.isInteger(ordinal) && definition.columns[ordinal] !== undefined);
  if (sound) return;
  throw new SchemaError(
    "unknown-object",
    `Table ${definition.name} has ${definition.columns.length} columns: received key columns [${ordinals}]`,
    { details: { table: definition.name, ordinals }, hint: "name distinct columns by ordinal, from 0" },
  );
}

/** Names of the columns at `ordinals`, for messages. */
export function columnNames(definition: TableDefinition, ordinals: readonly number[]): string {
  return ordinals.map((ordinal) => definition.columns[ordinal].name).join(", ");
}
