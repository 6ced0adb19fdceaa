/**
 * One statement, carried out: the switch from statement kinds to the modules that run them.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import type { Statement } from "../query/ast.ts";
import type { Kernel } from "./kernel.ts";
import { changesData, requireReadOnly } from "./plan_reads.ts";
import { QueryContext, type QueryOptions } from "./query_context.ts";
import type { QueryResult } from "./query_result.ts";
import { commandResult, runDefinition } from "./run_definition.ts";
import { runExplain } from "./run_explain.ts";
import { runSelect } from "./run_select.ts";
import { runDescribe, runShow } from "./run_show.ts";
import { runWrite } from "./run_write.ts";
import type { Session } from "./session.ts";
import { type StatementSession, statementSession } from "./statement_session.ts";

/** A statement and what it came with. */
export interface StatementRun {
  readonly statement: Statement;
  readonly sql?: string | undefined;
  readonly options: QueryOptions;
  readonly session: Session;
}

/** Runs one statement. */
export async function runStatement(kernel: Kernel, run: StatementRun): Promise<QueryResult> {
  kernel.requireOpen();
  const { statement, session } = run;
  if (run.options.readOnly === true) requireReadOnly(statement);
  requireVersion(kernel, statement, run.options);
  const context = new QueryContext({ sql: run.sql, statement, options: run.options });
  const byPlugin = kernel.hooks.handles("statement")
    ? kernel.hooks.first("statement", statement, context, sessionFor(kernel, run))
    : undefined;
  if (byPlugin !== undefined) return await byPlugin;
  switch (statement.kind) {
    case "query":
      return changesData(statement)
        ? await runWrite(kernel, statement, context, session)
        : await runSelect(kernel, statement, context, session);
    case "insert":
    case "update":
    case "delete":
    case "merge":
      return await runWrite(kernel, statement, context, session);
    case "createTable":
    case "createTableAs":
    case "createView":
    case "alterView":
    case "createIndex":
    case "alterTable":
    case "drop":
    case "truncate":
      return await runDefinition(kernel, statement, context, session);
    case "explain":
      return await runExplain(kernel, statement, context, session);
    case "show":
      return runShow(kernel, statement);
    case "describe":
      return runDescribe(kernel, statement, context);
    case "begin":
      await session.begin(context.options.signal);
      return commandResult(kernel, "BEGIN");
    case "commit":
      session.commit();
      return commandResult(kernel, "COMMIT");
    case "rollback":
      if (statement.savepoint === undefined) session.rollback();
      else session.rollbackTo(statement.savepoint.name);
      return commandResult(kernel, "ROLLBACK");
    case "analyze":
    case "comment":
      // Statistics are always current, and comments are accepted without being kept.
      return commandResult(kernel, statement.kind.toUpperCase());
    case "savepoint":
      if (statement.release) session.releaseSavepoint(statement.name.name);
      else session.setSavepoint(statement.name.name);
      return commandResult(kernel, statement.release ? "RELEASE" : "SAVEPOINT");
    case "set":
      throw unsupported(`SET ${statement.name}`, "give timeZone and limits to createDatabase");
    case "copy":
      throw unsupported(statement.kind, "load the fileFormats() plugin");
    case "createMaterializedView":
    case "refreshMaterializedView":
      throw unsupported(statement.kind, "load the materializedViews() plugin");
    case "createDynamicTable":
    case "alterDynamicTable":
      throw unsupported(statement.kind, "use CREATE MATERIALIZED VIEW");
  }
}

/** @throws {QueryError} `version-unavailable` when `minVersion` has not been committed */
function requireVersion(kernel: Kernel, statement: Statement, options: QueryOptions): void {
  const { version } = kernel.store;
  const { minVersion, atVersion } = options;
  if (atVersion !== undefined) requireReading(statement, { atVersion, minVersion });
  if (minVersion === undefined || minVersion <= version) return;
  throw new QueryError(
    "version-unavailable",
    `The data is at version ${version}: version ${minVersion} was asked for`,
    {
      details: { version, minVersion },
      hint: "give the version of a result or of db.version: one that has been committed",
    },
  );
}

/** @throws {QueryError} `invalid-parameter` when the statement cannot be about the past */
function requireReading(
  statement: Statement,
  asked: { readonly atVersion: number; readonly minVersion: number | undefined },
): void {
  const reads = statement.kind === "query" && !changesData(statement);
  if (reads && (asked.minVersion === undefined || asked.minVersion <= asked.atVersion)) return;
  throw new QueryError(
    "invalid-parameter",
    reads
      ? `atVersion cannot be ${asked.atVersion} where minVersion is ${asked.minVersion}`
      : "atVersion is an option of queries: the past cannot be changed",
    { details: { ...asked, statement: statement.kind }, hint: "write AT VERSION at the tables to read" },
  );
}

/** What a plugin that takes the statement may do in its session. */
function sessionFor(kernel: Kernel, { options, session }: StatementRun): StatementSession {
  return statementSession(
    kernel,
    session,
    (statement, within, instead = options) =>
      runStatement(kernel, { statement, options: instead, session: within }),
  );
}

function unsupported(kind: string, hint: string): QueryError {
  return new QueryError("unsupported", `This database does not carry out ${kind}`, {
    hint,
    details: { statement: kind },
  });
}
