/**
 * Puts guards into a plan: below each operator whose expressions may fail for the values of a row.
 *
 * ```
 * project 10 / v                 project 10 / v
 *   scan t              ─►         guard 10 / v        a filter that only the compiler of circuits knows
 *                                    scan t
 * ```
 *
 * Conditions of inner joins that need both sides become filters above the join; in outer joins they are not guarded,
 * nor is what is recomputed as a whole: recursive queries and set-returning functions themselves. What
 * fails there, and in an aggregate, fails the view.
 *
 * @module
 */
import type { ExecutionEnvironment } from "../exec/execution.ts";
import { CompileSession } from "../exec/expression/compile_session.ts";
import type { AggregateCall, FilterPlan, JoinPlan, Plan, Scalar, WindowCall } from "../query/plan.ts";
import {
  columnIds,
  conjunction,
  freeColumns,
  mapChildren,
  planColumns,
  splitConjuncts,
} from "../query/plan_walk.ts";
import { BOOLEAN } from "../storage/sql_type.ts";
import type { GuardedScalars } from "./nodes/guard.ts";

// No function has these names: they have spaces.
const VALUES = "guard of values";
const CONDITION = "guard of a condition";

/** What the guards are made with. */
export interface GuardContext {
  readonly execution: ExecutionEnvironment;
  isDeterministic(scalar: Scalar): boolean;
}

/** `plan` with guards. */
export function guardedPlan(plan: Plan, context: GuardContext): Plan {
  if (plan.kind === "fixpoint") return plan;
  const guarded = mapChildren(plan, (child) => guardedPlan(child, context));
  const over = (input: Plan, scalars: readonly Scalar[]): Plan => guardOf(input, scalars, VALUES, context);
  switch (guarded.kind) {
    case "filter": {
      const fixed = splitConjuncts(guarded.predicate).filter((each) => context.isDeterministic(each));
      const condition = conjunction(fixed);
      const input = guardOf(guarded.input, condition === null ? [] : [condition], CONDITION, context);
      return { ...guarded, input };
    }
    case "project": {
      const input = over(guarded.input, guarded.items.map((item) => item.expression));
      return { ...guarded, input };
    }
    case "join":
      return guardedJoin(guarded, context);
    case "aggregate": {
      const calls = guarded.aggregates.flatMap(callScalars);
      const input = over(guarded.input, [...guarded.groups.map((group) => group.expression), ...calls]);
      return { ...guarded, input };
    }
    case "window": {
      const keys = guarded.calls.flatMap((call) => call.partitionBy);
      return { ...guarded, input: over(guarded.input, [...keys, ...guarded.calls.flatMap(callScalars)]) };
    }
    case "distinct": {
      const { keys = [], orderBy = [] } = guarded.on ?? {};
      return { ...guarded, input: over(guarded.input, [...keys, ...orderBy.map((key) => key.expression)]) };
    }
    case "sort":
      return { ...guarded, input: over(guarded.input, guarded.keys.map((key) => key.expression)) };
    case "tableFunction":
      return { ...guarded, input: over(guarded.input, guarded.calls.flatMap((call) => call.arguments)) };
    default:
      return guarded;
  }
}

/** What the filter `plan` guards; undefined when it is a filter. */
export function guardedScalars({ predicate }: FilterPlan): GuardedScalars | undefined {
  if (predicate.kind !== "call") return undefined;
  if (predicate.name === VALUES) return { scalars: predicate.arguments, condition: null };
  if (predicate.name === CONDITION) return { scalars: [], condition: predicate.arguments[0]! };
  return undefined;
}

function guardOf(input: Plan, scalars: readonly Scalar[], name: string, context: GuardContext): Plan {
  const session = new CompileSession(planColumns(input), context.execution);
  const failing = scalars.filter((scalar) =>
    scalar.kind !== "column" && context.isDeterministic(scalar) && session.compile(scalar).fallible
  );
  if (failing.length === 0) return input;
  return { kind: "filter", input, predicate: { kind: "call", name, type: BOOLEAN, arguments: failing } };
}

/** Each side with a guard of what the condition asks of it alone. */
function guardedJoin(plan: JoinPlan, context: GuardContext): Plan {
  const sides = [plan.left, plan.right].map((input) => ({ ids: columnIds(input), scalars: [] as Scalar[] }));
  const rest: Scalar[] = [];
  const mixed: Scalar[] = [];
  const session = new CompileSession(planColumns({ ...plan, join: "full" }), context.execution);
  for (const conjunct of splitConjuncts(plan.condition)) {
    const parts = conjunct.kind === "call" && conjunct.name === "=" ? conjunct.arguments : [conjunct];
    const owners = parts.map((part) =>
      sides.find(({ ids }) => [...freeColumns(part)].every((id) => ids.has(id)))
    );
    parts.forEach((part, i) => owners[i]?.scalars.push(part));
    const isLifted = plan.join === "inner" && owners.includes(undefined) &&
      context.isDeterministic(conjunct) &&
      session.compile(conjunct).fallible;
    (isLifted ? mixed : rest).push(conjunct);
  }
  if (plan.asof !== undefined) {
    sides[0]!.scalars.push(plan.asof.left);
    sides[1]!.scalars.push(plan.asof.right);
  }
  const [left, right] = [plan.left, plan.right].map((input, i) =>
    guardOf(input, sides[i]!.scalars, VALUES, context)
  );
  const joined: JoinPlan = { ...plan, left: left!, right: right!, condition: conjunction(rest) };
  const condition = conjunction(mixed);
  if (condition === null) return joined;
  return { kind: "filter", input: guardOf(joined, [condition], CONDITION, context), predicate: condition };
}

/** The expressions of a call, its arguments for the rows alone that pass its filter. */
function callScalars(call: AggregateCall | WindowCall): readonly Scalar[] {
  const values = [...call.arguments, ...call.orderBy.map((key) => key.expression)];
  const { filter } = call;
  if (filter === null) return values;
  const passing = values.map((value): Scalar => ({
    kind: "case",
    type: value.type,
    branches: [{ when: filter, then: value }],
    otherwise: { kind: "literal", type: value.type, value: null },
  }));
  return [filter, ...passing];
}
