/**
 * SQL text in a chart's spec: one query that only reads.
 *
 * The text is parsed here and travels on as an AST, so that it nests below the steps of the chart without any
 * text being put together. The walk over the tree is linear in its size.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import type { Query } from "../../src/query/ast.ts";
import { parseStatements } from "../../src/sql/parse.ts";

const WRITES: ReadonlySet<unknown> = new Set(["insert", "update", "delete", "merge"]);

/**
 * The query in `sql`.
 *
 * @throws {QueryError} `syntax-error` with its place in `sql`, `invalid-statement` when it is no single query or
 *   writes; `details.path` is `path`, the JSON pointer of the text in the spec
 */
export function parseSource(sql: string, path: string): Query {
  const [statement, ...others] = parseStatements(sql);
  if (statement?.kind !== "query" || others.length > 0 || writes(statement)) {
    throw new QueryError(
      "invalid-statement",
      `A chart reads from one query: received ${sql.slice(0, 80)} at ${path}`,
      {
        details: { path },
        hint: "give one SELECT without INTO, INSERT, UPDATE, DELETE or MERGE",
      },
    );
  }
  return statement;
}

/** True when a statement below the query, or SELECT INTO, changes data. */
function writes(query: Query): boolean {
  const open: unknown[] = [query];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (typeof node !== "object" || node === null) continue;
    const { kind, into }: { kind?: unknown; into?: unknown } = node;
    if (WRITES.has(kind) || (kind === "select" && into !== undefined)) return true;
    open.push(...Object.values(node));
  }
  return false;
}
