/**
 * The session of a statement, as far as a plugin that carries the statement out may use it.
 *
 * @module
 */
import type { Statement } from "../query/ast.ts";
import { type InputRows, insertRows } from "./insert.ts";
import type { Kernel } from "./kernel.ts";
import type { QueryOptions } from "./query_context.ts";
import type { QueryResult } from "./query_result.ts";
import { Session } from "./session.ts";

/** Reads and writes of a session, in its transaction when one is open. */
export interface StatementSession {
  /** Whether a transaction is open: what waits for other writers would then wait forever. */
  readonly inTransaction: boolean;
  /** Runs a statement, with the options that came with the one under way, or with `options` instead. */
  run(statement: Statement, options?: QueryOptions): Promise<QueryResult>;
  /** Inserts rows as `db.insert` does. */
  insert(table: string, rows: InputRows): Promise<number>;
  /**
   * Runs `body` in the open transaction, or in one of its own that is committed at the end. What `body`
   * writes through the session that it is given is undone when it throws.
   */
  atomic<Result>(body: (session: StatementSession) => Promise<Result>): Promise<Result>;
}

/** Runs one statement in a session. */
export type RunInSession = (
  statement: Statement,
  session: Session,
  options?: QueryOptions,
) => Promise<QueryResult>;

/** The view of `session` for plugins. */
export function statementSession(kernel: Kernel, session: Session, run: RunInSession): StatementSession {
  return {
    inTransaction: session.transaction !== undefined,
    run: (statement, options) => run(statement, session, options),
    insert: (table, rows) => insertRows(kernel, session, table, rows),
    async atomic(body) {
      if (session.transaction !== undefined) {
        const savepoint = session.transaction.savepoint();
        try {
          return await body(statementSession(kernel, session, run));
        } catch (error) {
          session.transaction?.rollbackTo(savepoint);
          throw error;
        }
      }
      // A session of its own: statements that run beside it must not land in this transaction.
      const own = new Session(kernel);
      await own.begin();
      try {
        const result = await body(statementSession(kernel, own, run));
        own.commit();
        return result;
      } catch (error) {
        if (own.transaction !== undefined) own.rollback();
        throw error;
      }
    },
  };
}
