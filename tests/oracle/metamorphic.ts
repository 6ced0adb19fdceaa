/**
 * Relations between queries that hold in every engine, so that the engine is its own oracle.
 *
 * NoREC: the rows that WHERE keeps are as many as the rows for which the predicate, as an output, is true: one
 * side goes through the optimizer's filters, the other cannot. TLP: the rows of FROM are the rows where the
 * predicate is true, those where it is false and those where it is unknown. Both see bugs of pushdown, of joins
 * and of three-valued logic that all oracles together could miss, for they need none.
 *
 * @module
 */
import type { Expression, Query, Select, SelectItem } from "../../src/query/ast.ts";
import type { Outcome } from "./query_peer.ts";
import { compareRows } from "./result_comparison.ts";

/** What answers queries. */
export interface Answering {
  run(query: Query): Promise<Outcome>;
}

/** A relation that does not hold. */
export interface BrokenRelation {
  readonly relation: "norec" | "tlp";
  readonly detail: string;
}

/** A block whose rows depend on its FROM and WHERE alone. */
function filteredSelect(query: Query): (Select & { readonly where: Expression }) | undefined {
  const { body } = query;
  if (body.kind !== "select" || body.where === undefined || body.from.length === 0) return undefined;
  return { ...body, where: body.where };
}

function blockOf(query: Query, { from, items, where }: Pick<Select, "from" | "items" | "where">): Query {
  return {
    kind: "query",
    ...(query.with === undefined ? {} : { with: query.with }),
    body: { kind: "select", items, from, ...(where === undefined ? {} : { where }) },
  };
}

function is(argument: Expression, test: "true" | "false" | "unknown"): Expression {
  return { kind: "is", argument, test, negated: false };
}

/** Every column of FROM, and a constant: a FROM without columns has rows, too. */
const ALL_COLUMNS: readonly SelectItem[] = [
  { expression: { kind: "number", text: "1" } },
  { expression: { kind: "star", table: [] } },
];

/** Checks both relations for the outermost WHERE of a query. Failures on the data give no verdict. */
export async function brokenRelation(engine: Answering, query: Query): Promise<BrokenRelation | undefined> {
  const select = filteredSelect(query);
  if (select === undefined) return undefined;
  const { from, where } = select;
  const kept = await engine.run(blockOf(query, { from, where, items: ALL_COLUMNS }));
  const tested = await engine.run(blockOf(query, { from, items: [{ expression: is(where, "true") }] }));
  if (kept.kind !== "rows" || tested.kind !== "rows") return undefined;
  const trueCount = tested.rows.filter(([value]) => value === "t").length;
  if (trueCount !== kept.rows.length) {
    return {
      relation: "norec",
      detail:
        `WHERE keeps ${kept.rows.length} rows, expected ${trueCount}: its predicate's value is true so often`,
    };
  }
  const parts = [kept];
  for (const test of ["false", "unknown"] as const) {
    const part = await engine.run(blockOf(query, { from, where: is(where, test), items: ALL_COLUMNS }));
    if (part.kind !== "rows") return undefined;
    parts.push(part);
  }
  const whole = await engine.run(blockOf(query, { from, items: ALL_COLUMNS }));
  if (whole.kind !== "rows") return undefined;
  const detail = compareRows(
    { ...whole, rows: parts.flatMap(({ rows }) => rows) },
    whole,
    { ordered: false, exact: true, representatives: true },
  );
  return detail === undefined ? undefined : { relation: "tlp", detail };
}
