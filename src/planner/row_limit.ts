/**
 * LIMIT and OFFSET as a filter on row numbers, for limits per outer row and limits that are computed.
 *
 * `limit n offset m` over rows sorted by `keys` keeps the rows whose `row_number() OVER (PARTITION BY p
 * ORDER BY keys)` is in (m, m + n]; WITH TIES compares `rank()` with the upper bound instead.
 *
 * @module
 */
import type { LimitPlan, Plan, PlanColumn, Scalar, SortKey, WindowCall } from "../query/plan.ts";
import { BIGINT, BOOLEAN } from "../storage/sql_type.ts";
import type { RuleContext } from "./environment.ts";
import { call, disjunction, filtered, isNull, literal, reference } from "./scalar.ts";

const WHOLE_FRAME: WindowCall["frame"] = {
  unit: "range",
  start: { kind: "unboundedPreceding" },
  end: { kind: "currentRow" },
  exclude: "no others",
};

/** A call of a ranking function. */
export function rankingCall(
  column: PlanColumn,
  ranking: "row_number" | "rank",
  over: { readonly partitionBy: readonly Scalar[]; readonly orderBy: readonly SortKey[] },
): WindowCall {
  return {
    ...column,
    function: ranking,
    arguments: [],
    distinct: false,
    filter: null,
    ignoreNulls: false,
    partitionBy: over.partitionBy,
    orderBy: over.orderBy,
    frame: WHOLE_FRAME,
  };
}

/** The rows of `input` that `limit` keeps within each partition. `input` is the limit's own, maybe rewritten. */
export function limitByRowNumber(
  limit: Pick<LimitPlan, "limit" | "offset" | "withTies">,
  input: Plan,
  partitionBy: readonly Scalar[],
  context: RuleContext,
): Plan {
  const orderBy = limit.withTies ?? (input.kind === "sort" ? input.keys : []);
  const source = input.kind === "sort" ? input.input : input;
  const number = context.newColumn("row_number", BIGINT, false);
  const calls = [rankingCall(number, "row_number", { partitionBy, orderBy })];
  let upper = number;
  if (limit.withTies !== undefined) {
    upper = context.newColumn("rank", BIGINT, false);
    calls.push(rankingCall(upper, "rank", { partitionBy, orderBy }));
  }
  const conjuncts: Scalar[] = [];
  const offset = limit.offset === null ? null : toBigint(limit.offset);
  if (offset !== null) {
    conjuncts.push(orNull(offset, call(">", [reference(number), offset], BOOLEAN)));
  }
  if (limit.limit !== null) {
    const count = toBigint(limit.limit);
    const zero = literal(0, BIGINT);
    const skipped: Scalar = offset === null
      ? zero
      : { kind: "coalesce", arguments: [offset, zero], type: BIGINT };
    // Subtracting cannot overflow where adding the offset to a huge limit could.
    const place = offset === null ? reference(upper) : call("-", [reference(upper), skipped], BIGINT);
    conjuncts.push(orNull(count, call("<=", [place, count], BOOLEAN)));
  }
  return filtered({ kind: "window", input: source, calls }, conjuncts);
}

/** A NULL limit or offset is none. */
function orNull(value: Scalar, test: Scalar): Scalar {
  return value.kind === "literal" && value.value !== null ? test : disjunction([isNull(value), test]);
}

function toBigint(scalar: Scalar): Scalar {
  if (scalar.type.kind === "bigint") return scalar;
  if (scalar.kind === "literal" && typeof scalar.value === "number") return literal(scalar.value, BIGINT);
  return { kind: "cast", argument: scalar, tolerant: false, explicit: false, type: BIGINT };
}
