/**
 * Window calls: OVER, named windows and their inheritance, frames and their defaults.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import { BIGINT, INTERVAL, sameType, type SqlType, typeName } from "../storage/sql_type.ts";
import type { FrameBound, FunctionCall, WindowFrame, WindowName, WindowSpecification } from "./ast.ts";
import { aggregateCanBeNull, bindFilter, callExpressions, misplaced } from "./bind_aggregate.ts";
import { coerce, coerceImplicit, textUnlessTyped } from "./bind_cast.ts";
import { at, typeMismatch, unsupported } from "./bind_context.ts";
import type { QueryCollector } from "./bind_collector.ts";
import { bindSortItem } from "./bind_order.ts";
import type { ExpressionSite } from "./bind_scope.ts";
import { categoryOf, commonType, isNumber } from "./coercion.ts";
import { suggestion } from "./name_suggestion.ts";
import type { FrameBoundPlan, SortKey, WindowFramePlan } from "./plan.ts";
import { freeColumns } from "./plan_walk.ts";

/** Window functions that give a value for every row. */
const NEVER_NULL: ReadonlySet<string> = new Set([
  "row_number",
  "rank",
  "dense_rank",
  "percent_rank",
  "cume_dist",
]);

/** A call with OVER: of a window function, or of an aggregate over the frame. */
export function bindWindow(
  name: string,
  call: FunctionCall,
  site: ExpressionSite,
): ReturnType<QueryCollector["addWindow"]> {
  const { context, collector } = site;
  if (!site.allows.windows || collector === undefined) {
    throw misplaced("Window function", name, call.span, site);
  }
  const { aggregates } = site.allows;
  const inner: ExpressionSite = {
    ...site,
    clause: `the arguments of ${name}`,
    allows: { aggregates, windows: false, sets: false },
  };
  if (call.withinGroup !== undefined || call.orderBy !== undefined) {
    throw unsupported("ORDER BY inside a window call", call.span, "order the window in OVER (ORDER BY ...)");
  }
  const open = callExpressions(call).map((one) => context.binder.expression(one, inner));
  const types = open.map((one) => one.type);
  const { functions } = context;
  const isWindow = functions.window(name) !== undefined;
  if (!isWindow && functions.aggregate(name) === undefined) {
    if (functions.scalar(name) === undefined) throw functions.unknownFunction(name, types, call.span);
    throw new QueryError("invalid-statement", `Function ${name} is no window function and no aggregate`, {
      details: at(call.span, { function: name }),
      hint: "remove the OVER clause",
    });
  }
  const resolved = isWindow
    ? functions.resolveWindow(name, types, call.span)
    : functions.resolveAggregate(name, types, call.span);
  const args = open.map((one, i) => coerce(one, resolved.parameterTypes[i]!, context));
  const specification = resolveWindow(call.over!, collector);
  const orderBy = specification.orderBy.map((item) =>
    bindSortItem(item, { ...inner, clause: "OVER (ORDER BY)" })
  );
  const partitionBy = specification.partitionBy.map((one) =>
    textUnlessTyped(context.binder.expression(one, { ...inner, clause: "PARTITION BY" }), context)
  );
  if (isWindow && call.filter !== undefined) {
    throw new QueryError("invalid-statement", `FILTER needs an aggregate: received ${name}`, {
      details: at(call.span, { function: name }),
    });
  }
  return collector.addWindow(
    {
      function: name,
      arguments: args,
      distinct: call.distinct === true,
      filter: bindFilter(call, args, inner),
      ignoreNulls: call.nulls === "ignore",
      partitionBy,
      orderBy,
      frame: bindFrame(specification, orderBy, { ...inner, clause: "a window frame" }),
      type: resolved.resultType,
    },
    isWindow ? !NEVER_NULL.has(name) : aggregateCanBeNull(name),
    call.span,
  );
}

/** The window that OVER names or gives, with what it inherits. */
function resolveWindow(
  over: WindowSpecification | WindowName,
  collector: QueryCollector,
): WindowSpecification {
  if (over.kind === "windowName") return resolveWindow(namedWindow(over, collector), collector);
  if (over.base === undefined) return over;
  const base = resolveWindow(namedWindow({ kind: "windowName", name: over.base }, collector), collector);
  const { name } = over.base;
  const complain = (what: string): QueryError =>
    new QueryError("invalid-statement", `Window "${name}" cannot be inherited: ${what}`, {
      details: at(over.span),
    });
  if (over.partitionBy.length > 0) throw complain("PARTITION BY belongs to the window that is inherited");
  if (over.orderBy.length > 0 && base.orderBy.length > 0) throw complain("it has an ORDER BY already");
  if (base.frame !== undefined) throw complain("it has a frame already");
  const { base: _, ...own } = over;
  return {
    ...own,
    partitionBy: base.partitionBy,
    orderBy: over.orderBy.length > 0 ? over.orderBy : base.orderBy,
  };
}

function namedWindow({ name }: WindowName, collector: QueryCollector): WindowSpecification {
  const found = collector.namedWindows.get(name.name);
  if (found !== undefined) return found;
  const hint = suggestion(name.name, collector.namedWindows.keys()) ?? "define it in a WINDOW clause";
  throw new QueryError("unknown-object", `Unknown window: received "${name.name}"`, {
    details: at(name.span),
    hint,
  });
}

const WHOLE_PARTITION: WindowFramePlan = {
  unit: "rows",
  start: { kind: "unboundedPreceding" },
  end: { kind: "unboundedFollowing" },
  exclude: "no others",
};
const UP_TO_PEERS: WindowFramePlan = {
  unit: "range",
  start: { kind: "unboundedPreceding" },
  end: { kind: "currentRow" },
  exclude: "no others",
};

function bindFrame(
  { frame }: WindowSpecification,
  orderBy: readonly SortKey[],
  site: ExpressionSite,
): WindowFramePlan {
  if (frame === undefined) return orderBy.length > 0 ? UP_TO_PEERS : WHOLE_PARTITION;
  const start = bindBound(frame.start, frame, orderBy, site);
  const end = bindBound(frame.end ?? { kind: "currentRow" }, frame, orderBy, site);
  checkBounds(start, end, frame);
  if (frame.unit === "groups" && orderBy.length === 0) {
    throw badFrame("GROUPS needs an ORDER BY in the window", frame);
  }
  return { unit: frame.unit, start, end, exclude: frame.exclude ?? "no others" };
}

function bindBound(
  { kind, offset }: FrameBound,
  frame: WindowFrame,
  orderBy: readonly SortKey[],
  site: ExpressionSite,
): FrameBoundPlan {
  if (offset === undefined) return { kind };
  const { context } = site;
  const bound = context.binder.expression(offset, site);
  for (const id of freeColumns(bound)) {
    if (site.scope.owns(id)) throw badFrame("an offset must be constant in the query", frame);
  }
  if (frame.unit !== "range") {
    return { kind, offset: coerceImplicit(bound, BIGINT, "A frame's offset", context) };
  }
  const [key] = orderBy;
  if (key === undefined || orderBy.length > 1) {
    throw badFrame("RANGE with an offset needs exactly one ORDER BY expression", frame);
  }
  const { type } = key.expression;
  if (isNumber(type)) {
    if (!isNumber(bound.type) && bound.type.kind !== "null") {
      throw typeMismatch("The offset of a RANGE frame over numbers", "a number", bound.type, bound.span);
    }
    // An offset that the key's type would round keeps its own.
    const common = commonType(type, bound.type);
    return {
      kind,
      offset: common === undefined || !sameType(common, type) ? bound : coerce(bound, type, context),
    };
  }
  if (!isTimed(type)) {
    throw badFrame(`RANGE with an offset orders by a number or a time, not by ${typeName(type)}`, frame);
  }
  return { kind, offset: coerceImplicit(bound, INTERVAL, "The offset of a RANGE frame over times", context) };
}

function isTimed(type: SqlType): boolean {
  return ["datetime", "timespan"].includes(categoryOf(type.kind));
}

const BOUND_ORDER: Readonly<Record<FrameBound["kind"], number>> = {
  unboundedPreceding: 0,
  preceding: 1,
  currentRow: 2,
  following: 3,
  unboundedFollowing: 4,
};

function checkBounds(start: FrameBoundPlan, end: FrameBoundPlan, frame: WindowFrame): void {
  if (start.kind === "unboundedFollowing") throw badFrame("it cannot start at UNBOUNDED FOLLOWING", frame);
  if (end.kind === "unboundedPreceding") throw badFrame("it cannot end at UNBOUNDED PRECEDING", frame);
  if (BOUND_ORDER[start.kind] > BOUND_ORDER[end.kind]) throw badFrame("its start comes after its end", frame);
}

function badFrame(reason: string, frame: WindowFrame): QueryError {
  const span = frame.start.offset?.span ?? frame.end?.offset?.span;
  return new QueryError("invalid-statement", `Window frame is not valid: ${reason}`, { details: at(span) });
}
