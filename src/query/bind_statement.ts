/**
 * Statements that read or change data, by kind.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import type { DataStatement } from "./ast.ts";
import type { QueryPlace } from "./bind_context.ts";
import { bindInsert } from "./bind_insert.ts";
import { bindMerge } from "./bind_merge.ts";
import { bindDelete, bindUpdate } from "./bind_update.ts";
import type { BoundStatement } from "./bound_statement.ts";

/** Binds `statement`; its parameter types are filled in by the caller, who sees the whole. */
export function bindStatementNode(statement: DataStatement, place: QueryPlace): BoundStatement {
  switch (statement.kind) {
    case "query": {
      const { plan, columns } = place.context.binder.query(statement, place);
      return { kind: "select", query: { plan, columns, parameters: [] } };
    }
    case "insert":
      return bindInsert(statement, place);
    case "update":
      return bindUpdate(statement, place);
    case "delete":
      return bindDelete(statement, place);
    case "merge":
      return bindMerge(statement, place);
    default:
      return unreachable(statement);
  }
}
