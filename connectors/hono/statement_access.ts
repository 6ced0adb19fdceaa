/**
 * What a caller must be allowed to do for each kind of statement.
 *
 * Transactions and settings belong to a session, and requests share none: they are refused whoever asks.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import type { StatementReads } from "../../src/kernel/statement_reads.ts";
import type { Statement } from "../../src/query/ast.ts";
import type { Access } from "./app_options.ts";

const ACCESS: Readonly<Record<Statement["kind"], Exclude<Access, "public"> | "session">> = {
  query: "write",
  insert: "write",
  update: "write",
  delete: "write",
  merge: "write",
  refreshMaterializedView: "write",
  truncate: "write",
  analyze: "write",
  explain: "write",
  show: "read",
  describe: "read",
  createTable: "admin",
  createTableAs: "admin",
  createView: "admin",
  alterView: "admin",
  createIndex: "admin",
  alterTable: "admin",
  drop: "admin",
  comment: "admin",
  copy: "admin",
  createMaterializedView: "admin",
  createDynamicTable: "admin",
  alterDynamicTable: "admin",
  begin: "session",
  commit: "session",
  rollback: "session",
  savepoint: "session",
  set: "session",
};

/**
 * The access that a statement needs.
 *
 * @throws {QueryError} `invalid-statement` for those that need a session
 */
export function accessOf(reads: StatementReads): Exclude<Access, "public"> {
  if (!reads.writes) return "read";
  const access = ACCESS[reads.kind];
  if (access !== "session") return access;
  throw new QueryError(
    "invalid-statement",
    `A request has no session: received ${reads.kind.toUpperCase()}`,
    {
      details: { statement: reads.kind },
      hint: "write one statement with a WITH that changes data: it is atomic",
    },
  );
}
