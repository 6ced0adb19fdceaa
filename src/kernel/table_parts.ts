/**
 * From the columns and constraints of CREATE TABLE to what storage and catalogue keep.
 *
 * @module
 */
import { QueryError, SchemaError } from "../base/error.ts";
import type { ColumnDefinition, Constraint, Expression, Identifier } from "../query/ast.ts";
import { resolveTypeName } from "../query/binder.ts";
import type { TableDefinition } from "../storage/table_definition.ts";
import type { ColumnDetails, TableDetails } from "./catalog.ts";
import { relationName } from "./relation_name.ts";

/** A table, split into what storage keeps and what the catalogue keeps. */
export interface TableParts {
  readonly definition: TableDefinition;
  readonly details: TableDetails;
  readonly references: readonly DeclaredReference[];
}

/** A foreign key as written: the target is looked up when the table is made. */
export interface DeclaredReference {
  readonly name: string;
  readonly ordinals: readonly number[];
  readonly table: string;
  /** The target's primary key when empty. */
  readonly columns: readonly string[];
}

/** What is gathered while the constraints are read. */
interface Draft {
  readonly table: string;
  readonly names: readonly string[];
  readonly notNull: Set<string>;
  readonly uniqueKeys: { name: string; ordinals: number[] }[];
  readonly references: DeclaredReference[];
  readonly checks: { name: string; expression: Expression }[];
  readonly columns: Map<string, ColumnDetails>;
  primaryKey: number[] | undefined;
}

/** Reads columns and constraints. Throws for duplicate columns, unknown names and a second primary key. */
export function describeTable(
  table: string,
  columns: readonly ColumnDefinition[],
  constraints: readonly Constraint[],
): TableParts {
  const names = columns.map((column) => column.name.name);
  requireDistinct(table, names);
  const draft: Draft = {
    table,
    names,
    notNull: new Set(),
    uniqueKeys: [],
    references: [],
    checks: [],
    columns: new Map(),
    primaryKey: undefined,
  };
  for (const column of columns) {
    for (const constraint of column.constraints) readConstraint(draft, constraint, column.name);
    if (isSerial(column)) {
      draft.notNull.add(column.name.name);
      draft.columns.set(column.name.name, { ...draft.columns.get(column.name.name), identity: "default" });
    }
  }
  for (const constraint of constraints) readConstraint(draft, constraint, undefined);
  for (const ordinal of draft.primaryKey ?? []) draft.notNull.add(names[ordinal]!);
  return {
    definition: {
      name: table,
      kind: "table",
      columns: columns.map((column) => ({
        name: column.name.name,
        type: requireType(table, column),
        nullable: !draft.notNull.has(column.name.name),
      })),
      primaryKey: draft.primaryKey ?? [],
      uniqueKeys: draft.uniqueKeys,
    },
    details: { columns: draft.columns, checks: draft.checks },
    references: draft.references,
  };
}

function readConstraint(draft: Draft, constraint: Constraint, column: Identifier | undefined): void {
  const ordinalsOf = (columns: readonly Identifier[] | undefined): number[] =>
    (columns ?? (column === undefined ? [] : [column])).map((one) => ordinalOf(draft, one.name));
  const detail = (details: ColumnDetails) => {
    if (column !== undefined) {
      draft.columns.set(column.name, { ...draft.columns.get(column.name), ...details });
    }
  };
  switch (constraint.kind) {
    case "notNull":
      if (column !== undefined) draft.notNull.add(column.name);
      return;
    case "null":
      return;
    case "primaryKey":
      if (draft.primaryKey !== undefined) {
        throw new SchemaError("duplicate-object", `Table "${draft.table}" has two primary keys`, {
          details: { table: draft.table },
          hint: "write one PRIMARY KEY over all its columns",
        });
      }
      draft.primaryKey = ordinalsOf(constraint.columns);
      return;
    case "unique": {
      const ordinals = ordinalsOf(constraint.columns);
      const name = constraint.name?.name ??
        `${draft.table}_${ordinals.map((i) => draft.names[i]).join("_")}_key`;
      draft.uniqueKeys.push({ name, ordinals });
      return;
    }
    case "check": {
      const name = constraint.name?.name ??
        `${draft.table}_${column?.name ?? "check"}${
          column === undefined ? draft.checks.length + 1 : "_check"
        }`;
      draft.checks.push({ name, expression: constraint.expression });
      return;
    }
    case "default":
      return detail({ defaultValue: constraint.expression });
    case "generated":
      return detail({ generated: constraint.expression });
    case "identity":
      if (column !== undefined) draft.notNull.add(column.name);
      return detail({ identity: constraint.always ? "always" : "default" });
    case "references":
      draft.references.push({
        name: constraint.name?.name ??
          `${draft.table}_${draft.names[ordinalsOf(constraint.columns)[0]!]}_fkey`,
        ordinals: ordinalsOf(constraint.columns),
        table: relationName(constraint.table),
        columns: constraint.targetColumns?.map((target) => target.name) ?? [],
      });
  }
}

function ordinalOf(draft: Draft, name: string): number {
  const ordinal = draft.names.indexOf(name);
  if (ordinal >= 0) return ordinal;
  throw new QueryError(
    "unknown-column",
    `Table "${draft.table}" has no column "${name}" for its constraint`,
    {
      details: { table: draft.table, column: name },
      hint: `columns are ${draft.names.join(", ")}`,
    },
  );
}

function requireDistinct(table: string, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) {
      throw new SchemaError("duplicate-object", `Table "${table}" has two columns named "${name}"`, {
        details: { table, column: name },
        hint: "rename one of them",
      });
    }
    seen.add(name);
  }
}

const SERIAL: ReadonlySet<string> = new Set(["serial", "bigserial", "smallserial"]);

function isSerial(column: ColumnDefinition): boolean {
  return SERIAL.has(column.type?.name ?? "");
}

function requireType(table: string, column: ColumnDefinition): TableDefinition["columns"][number]["type"] {
  if (column.type !== undefined) return resolveTypeName(column.type);
  throw new QueryError("invalid-statement", `Column "${column.name.name}" of "${table}" has no type`, {
    details: { table, column: column.name.name, span: column.span },
    hint: "write the type after the name",
  });
}
