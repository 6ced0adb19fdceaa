/**
 * The columns of a relation: those of a plain view are found by binding its query.
 *
 * @module
 */
import { LiveViewError } from "../../src/base/error.ts";
import type { SqlType } from "../../src/storage/sql_type.ts";
import type { AppDatabase } from "./app_context.ts";

/** A column of a relation or result. */
export interface RelationColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
}

/** The columns of `name`; `undefined` when there is no such relation, or its query does not bind any more. */
export function relationColumns(db: AppDatabase, name: string): readonly RelationColumn[] | undefined {
  const relation = db.catalog.relation(name);
  if (relation === undefined) return undefined;
  if (relation.kind !== "view") return relation.columns;
  try {
    const { columns } = db.reads(relation.query);
    return relation.columns === undefined
      ? columns
      : columns.map((column, i) => ({ ...column, name: relation.columns![i] ?? column.name }));
  } catch (error) {
    if (error instanceof LiveViewError) return undefined;
    throw error;
  }
}

/** A name in SQL, quoted: `"a"."b c"`. */
export function quotedName(name: string): string {
  return name.split(".").map((part) => `"${part.replaceAll('"', '""')}"`).join(".");
}
