/**
 * Calls taken out of the expressions of one SELECT: aggregates, GROUPING, window calls, set-returning calls.
 *
 * Each becomes a column of a plan node below the SELECT list, and the expression keeps a reference to that
 * column. Equal aggregates are one column, and equal window calls are one column.
 *
 * @module
 */
import { INTEGER, sameType } from "../storage/sql_type.ts";
import type { Span, WindowSpecification } from "./ast.ts";
import type { BindContext } from "./bind_context.ts";
import { columnScalar } from "./bind_scope.ts";
import { isVolatile } from "./bind_volatility.ts";
import type { AggregateCall, PlanColumn, Scalar, TableFunctionPlan, WindowCall } from "./plan.ts";
import { sameScalar, sameScalars, sameSortKeys } from "./scalar_equality.ts";

/** One GROUPING(...) call: its arguments as bound over the input. */
export interface GroupingCall {
  readonly column: PlanColumn;
  readonly arguments: readonly Scalar[];
  readonly span: Span | undefined;
}

/** One set-returning call in the SELECT list. */
export interface SetCall {
  readonly call: TableFunctionPlan["calls"][number];
  readonly columns: readonly PlanColumn[];
}

/** What a call is before it has a column. */
export type NewAggregate = Omit<AggregateCall, keyof PlanColumn> & { readonly type: PlanColumn["type"] };
export type NewWindow = Omit<WindowCall, keyof PlanColumn> & { readonly type: PlanColumn["type"] };

/** The calls of one SELECT. Grows while its expressions are bound. */
export class QueryCollector {
  readonly aggregates: AggregateCall[] = [];
  readonly groupings: GroupingCall[] = [];
  readonly windows: WindowCall[] = [];
  readonly sets: SetCall[] = [];
  /** The WINDOW clause. */
  readonly namedWindows = new Map<string, WindowSpecification>();
  readonly #context: BindContext;

  constructor(context: BindContext) {
    this.#context = context;
  }

  /** The column of the aggregate. */
  addAggregate(call: NewAggregate, nullable: boolean, span?: Span): Scalar {
    const known = this.#isVolatile(call)
      ? undefined
      : this.aggregates.find((one) => sameAggregate(one, call));
    if (known !== undefined) return columnScalar(known, span);
    const column = this.#context.newColumn(call.function, call.type, nullable);
    this.aggregates.push({ ...call, ...column });
    return columnScalar(column, span);
  }

  /** The column of a GROUPING call. */
  addGrouping(args: readonly Scalar[], span?: Span): Scalar {
    const known = this.groupings.find((one) => sameScalars(one.arguments, args));
    if (known !== undefined) return columnScalar(known.column, span);
    const column = this.#context.newColumn("grouping", INTEGER, false);
    this.groupings.push({ column, arguments: args, span });
    return columnScalar(column, span);
  }

  /** The column of the window call. */
  addWindow(call: NewWindow, nullable: boolean, span?: Span): Scalar {
    const known = this.#isVolatile(call) ? undefined : this.windows.find((one) => sameWindow(one, call));
    if (known !== undefined) return columnScalar(known, span);
    const column = this.#context.newColumn(call.function, call.type, nullable);
    this.windows.push({ ...call, ...column });
    return columnScalar(column, span);
  }

  /** Two calls over random values are two calls. */
  #isVolatile(call: NewAggregate | NewWindow): boolean {
    return call.arguments.some((one) => isVolatile(one, this.#context));
  }

  /** The first column of a set-returning call. */
  addSet(call: SetCall, span?: Span): Scalar {
    this.sets.push(call);
    return columnScalar(call.columns[0]!, span);
  }
}

function sameFilter(a: Scalar | null, b: Scalar | null): boolean {
  return a === null || b === null ? a === b : sameScalar(a, b);
}

function sameAggregate(a: AggregateCall, b: NewAggregate): boolean {
  return a.function === b.function && a.distinct === b.distinct && sameType(a.type, b.type) &&
    sameScalars(a.arguments, b.arguments) && sameFilter(a.filter, b.filter) &&
    sameSortKeys(a.orderBy, b.orderBy);
}

function sameWindow(a: WindowCall, b: NewWindow): boolean {
  return a.function === b.function && a.distinct === b.distinct && a.ignoreNulls === b.ignoreNulls &&
    sameType(a.type, b.type) && sameScalars(a.arguments, b.arguments) && sameFilter(a.filter, b.filter) &&
    sameScalars(a.partitionBy, b.partitionBy) && sameSortKeys(a.orderBy, b.orderBy) &&
    sameFrame(a.frame, b.frame);
}

function sameFrame(a: WindowCall["frame"], b: WindowCall["frame"]): boolean {
  return a.unit === b.unit && a.exclude === b.exclude && sameBound(a.start, b.start) &&
    sameBound(a.end, b.end);
}

function sameBound(a: WindowCall["frame"]["start"], b: WindowCall["frame"]["start"]): boolean {
  return a.kind === b.kind && sameFilter(a.offset ?? null, b.offset ?? null);
}
