/**
 * What a statement would read, found without running it: how an adapter knows that an answer it has still holds.
 *
 * An answer holds until one of its tables, or the catalogue, changes; one that depends on the time, on chance or
 * on a system table holds for no time at all. Tables are those of the optimized plan, so that a view that is
 * stored counts by its own contents. O(tables), after O(plan) once per plan.
 *
 * @module
 */
import type { Statement } from "../query/ast.ts";
import type { SqlType } from "../storage/sql_type.ts";
import type { Kernel } from "./kernel.ts";
import { planReads, readsOnly } from "./plan_reads.ts";
import type { QueryContext } from "./query_context.ts";
import { prepareSelect } from "./run_select.ts";

/** See the module header. */
export interface StatementReads {
  /** What the statement is. */
  readonly kind: Statement["kind"];
  /** True unless the option `readOnly` allows it. */
  readonly writes: boolean;
  /** True when the same answer comes as long as `version` and `catalogVersion` stay. */
  readonly isRepeatable: boolean;
  /** What a query gives; nothing for other statements. */
  readonly columns: readonly { readonly name: string; readonly type: SqlType; readonly nullable: boolean }[];
  /** Tables and stored views that a query reads, those below plain views too; none for other statements. */
  readonly tables: readonly string[];
  /** The newest version that changed one of `tables`; that of the database where it is not repeatable. */
  readonly version: number;
  /** Grows with every change of a definition. */
  readonly catalogVersion: number;
}

/** What `statement` reads. Throws what preparing it throws. */
export function statementReads(kernel: Kernel, statement: Statement, context: QueryContext): StatementReads {
  if (statement.kind === "explain" && readsOnly(statement)) {
    const explained = statementReads(kernel, statement.statement, context);
    return { ...explained, kind: "explain", isRepeatable: false, columns: [], version: kernel.store.version };
  }
  const catalogVersion = kernel.catalog.version;
  if (statement.kind !== "query" || !readsOnly(statement)) {
    const { version } = kernel.store;
    const writes = !readsOnly(statement);
    return {
      kind: statement.kind,
      writes,
      isRepeatable: false,
      columns: [],
      tables: [],
      version,
      catalogVersion,
    };
  }
  const { prepared } = prepareSelect(kernel, statement, context);
  const { tables, isRepeatable, writer } = planReads(kernel, prepared);
  let version = 0;
  for (const table of tables) version = Math.max(version, kernel.store.table(table)?.version ?? 0);
  return {
    kind: "query",
    writes: writer !== undefined,
    isRepeatable,
    columns: prepared.query.columns.map(({ name, type, nullable }) => ({ name, type, nullable })),
    tables,
    version: isRepeatable ? version : kernel.store.version,
    catalogVersion,
  };
}
