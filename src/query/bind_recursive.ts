/**
 * WITH RECURSIVE: a base and a step over the rows of the round before.
 *
 * The column types are those that base and step share. When the step gives a wider type than the base (an
 * integer base, a numeric step), both are bound again with the wider one until it is stable.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import { NUMERIC, sameType, type SqlType, typeName } from "../storage/sql_type.ts";
import type { CommonTable, Query, SetOperation } from "./ast.ts";
import { at, type BindContext, type BoundRelation, type QueryPlace, unsupported } from "./bind_context.ts";
import { recursionReferences, type RecursionUse } from "./bind_recursion_check.ts";
import type { ScopeColumn } from "./bind_scope.ts";
import { withSearchAndCycle } from "./bind_search.ts";
import { castRelation } from "./bind_unknown.ts";
import { commonType } from "./coercion.ts";
import type { FixpointPlan, Plan } from "./plan.ts";

/** A recursive common table. */
export interface RecursiveTable {
  readonly cte: number;
  readonly plan: Plan;
  readonly columns: readonly ScopeColumn[];
}

const ROUNDS_MAX = 4;

/** Binds a recursive common table. */
export function bindRecursive(declared: CommonTable, statement: Query, place: QueryPlace): RecursiveTable {
  const { table, query } = withSearchAndCycle(declared, statement);
  const { name } = table.name;
  const body = recursiveBody(name, query);
  const { context, outer, ctes } = place;
  const baseQuery: Query = { kind: "query", body: body.left };
  const stepQuery: Query = { kind: "query", body: body.right };
  const refuse = {
    name,
    reference: (): never => {
      throw new QueryError("invalid-statement", `The first part of recursive "${name}" must not read it`, {
        details: at(body.left.span),
        hint: "put the reference after UNION ALL",
      });
    },
  };
  const bindBase = (): BoundRelation =>
    context.binder.query(baseQuery, { context, outer, ctes: { entry: refuse, outer: ctes } });
  const cte = context.newCte();
  let base = bindBase();
  let types = base.columns.map((column) => column.type);
  for (let round = 0; round < ROUNDS_MAX; round++) {
    if (round > 0) base = bindBase();
    const cast = castRelation(base, types, context);
    const columns = cast.columns.map((column, i) => ({
      name: table.columns?.[i]?.name ?? column.name,
      column: context.newColumn(table.columns?.[i]?.name ?? column.name, types[i]!, true),
    }));
    checkNames(table, columns);
    const step = bindStep({ cte, name, columns, stepQuery, place });
    if (step.columns.length !== columns.length) throw unequalCounts(name, columns.length, step, body);
    const wider = types.map((type, i) => widerType(type, step.columns[i]!.type, columns[i]!.name, body));
    if (!wider.every((type, i) => sameType(type, types[i]!))) {
      types = wider;
      continue;
    }
    checkUse(name, recursionReferences(step.plan, cte), body);
    const stepCast = castRelation(step, types, context);
    const plan: FixpointPlan = {
      kind: "fixpoint",
      cte,
      base: cast.plan,
      step: stepCast.plan,
      baseColumns: cast.columns.map((column) => column.id),
      stepColumns: stepCast.columns.map((column) => column.id),
      columns: columns.map((one) => one.column),
      all: body.all,
    };
    return { cte, plan, columns };
  }
  throw new QueryError("type-mismatch", `The column types of recursive "${name}" do not settle`, {
    details: at(body.span, { types: types.map(typeName) }),
    hint: "cast the columns of both parts to the types they should have",
  });
}

function recursiveBody(name: string, query: Query): SetOperation {
  const { body } = query;
  if (body.kind === "setOperation" && body.operator === "union" && body.byName !== true) {
    const clause = query.orderBy !== undefined
      ? "ORDER BY"
      : query.limit !== undefined || query.fetch !== undefined || query.offset !== undefined
      ? "LIMIT"
      : query.with !== undefined
      ? "WITH"
      : undefined;
    if (clause === undefined) return body;
    throw unsupported(
      `${clause} in a recursive common table`,
      query.span,
      `put it on the query that reads "${name}"`,
    );
  }
  throw new QueryError(
    "invalid-statement",
    `Recursive "${name}" must be: first part UNION [ALL] part that reads it`,
    {
      details: at(query.span, { name }),
      hint: "write the start as one SELECT and the recursion as another",
    },
  );
}

function checkNames(table: CommonTable, columns: readonly ScopeColumn[]): void {
  const given = table.columns?.length ?? 0;
  if (given <= columns.length) return;
  throw new QueryError(
    "column-count",
    `Common table "${table.name.name}" has ${columns.length} columns: received ${given} names`,
    { details: at(table.span, { expected: columns.length, actual: given }) },
  );
}

interface StepBinding {
  readonly cte: number;
  readonly name: string;
  readonly columns: readonly ScopeColumn[];
  readonly stepQuery: Query;
  readonly place: QueryPlace;
}

function bindStep({ cte, name, columns, stepQuery, place }: StepBinding): BoundRelation {
  const { context, outer, ctes } = place;
  const reference = (): { plan: Plan; columns: readonly ScopeColumn[] } =>
    scanRound(cte, name, columns, context);
  return context.binder.query(stepQuery, {
    context,
    outer,
    ctes: { entry: { name, reference }, outer: ctes },
    keepUnknown: true,
  });
}

function scanRound(
  cte: number,
  name: string,
  source: readonly ScopeColumn[],
  context: BindContext,
): { plan: Plan; columns: readonly ScopeColumn[] } {
  const scanned = source.map((one) => ({
    ...context.newColumn(one.name, one.column.type, true),
    source: one.column.id,
  }));
  const columns = scanned.map(({ source: _, ...column }): ScopeColumn => ({ name: column.name, column }));
  return { plan: { kind: "cteScan", cte, name, columns: scanned }, columns };
}

/** A DECIMAL whose scale grows from round to round is a NUMERIC. */
function widerType(base: SqlType, step: SqlType, name: string, body: SetOperation): SqlType {
  const type = commonType(base, step);
  if (type === undefined) {
    const received = `${typeName(base)} and ${typeName(step)}`;
    throw new QueryError(
      "type-mismatch",
      `Column "${name}" of the recursion changes its type: received ${received}`,
      {
        details: at(body.right.span, { column: name }),
        hint: "cast one part to the type of the other",
      },
    );
  }
  return type.kind === "decimal" && !sameType(type, base) ? NUMERIC : type;
}

function unequalCounts(name: string, count: number, step: BoundRelation, body: SetOperation): QueryError {
  return new QueryError(
    "column-count",
    `Both parts of recursive "${name}" must have as many columns: received ${count} and ${step.columns.length}`,
    { details: at(body.right.span, { left: count, right: step.columns.length }) },
  );
}

function checkUse(name: string, use: RecursionUse, body: SetOperation): void {
  const problem = use.count > 1
    ? "reads itself more than once"
    : use.count === 0
    ? "does not read itself after UNION"
    : use.below;
  if (problem === undefined) return;
  throw new QueryError("invalid-statement", `Recursive "${name}" ${problem}`, {
    details: at(body.right.span, { name }),
    hint: "read it once in FROM, and aggregate in the query that reads the result",
  });
}
