/**
 * Running EXPLAIN and EXPLAIN ANALYZE: the plan as data and as text.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import type { Explain, Query } from "../query/ast.ts";
import type { OperatorStatistics } from "../exec/execution.ts";
import type { Plan } from "../query/plan.ts";
import { children } from "../query/plan_walk.ts";
import { planToText } from "../query/plan_text.ts";
import type { Kernel } from "./kernel.ts";
import { prepareWrite, sourcePlan } from "./prepare.ts";
import type { QueryContext } from "./query_context.ts";
import type { QueryResult } from "./query_result.ts";
import { type PlanOutcome, prepareSelect, runPlan } from "./run_select.ts";
import { textRows } from "./run_show.ts";
import type { Session } from "./session.ts";

/** A plan, explained. */
export class Explanation {
  /** The optimized plan. */
  readonly plan: Plan;
  /** What each operator did, with ANALYZE. */
  readonly operators: readonly OperatorStatistics[];
  /** Estimated rows by plan node, for nodes that were estimated. */
  readonly estimatedRows: ReadonlyMap<Plan, number>;
  /** Whole execution in milliseconds, with ANALYZE. */
  readonly elapsedMs: number | undefined;
  readonly #lines: readonly string[];

  /** Takes the parts as they are; `notes` are lines of plugins below the plan. */
  constructor(parts: {
    readonly plan: Plan;
    readonly operators: readonly OperatorStatistics[];
    readonly estimatedRows: ReadonlyMap<Plan, number>;
    readonly elapsedMs: number | undefined;
    readonly notes: readonly string[];
  }) {
    this.plan = parts.plan;
    this.operators = parts.operators;
    this.estimatedRows = parts.estimatedRows;
    this.elapsedMs = parts.elapsedMs;
    this.#lines = [
      ...planToText(parts.plan).trimEnd().split("\n"),
      ...parts.operators.map((one) =>
        `${one.name}: ${one.rowsIn} rows in, ${one.rowsOut} out, ${one.rowsExamined} examined`
      ),
      ...parts.notes,
      ...(parts.elapsedMs === undefined ? [] : [`Execution: ${parts.elapsedMs.toFixed(3)} ms`]),
    ];
  }

  /** One line a plan node, indented by depth. */
  toString(): string {
    return this.#lines.join("\n");
  }

  /** The lines of `toString`. */
  lines(): readonly string[] {
    return this.#lines;
  }
}

/** Explains a query; runs it when `analyze` is set. */
export async function explainQuery(
  kernel: Kernel,
  query: Query,
  analyze: boolean,
  context: QueryContext,
  session: Session,
): Promise<Explanation> {
  const { prepared, parameters } = prepareSelect(kernel, query, context);
  const { plan, columns } = prepared.query;
  let outcome: PlanOutcome | undefined;
  const start = kernel.clock.monotonic();
  if (analyze) {
    outcome = await runPlan(kernel, {
      plan,
      columns,
      tables: prepared.tables,
      estimate: prepared.estimate,
      parameters,
      context,
      session,
      name: "query",
      collectStatistics: true,
    });
  }
  return explanationOf(
    kernel,
    plan,
    context,
    outcome,
    analyze ? kernel.clock.monotonic() - start : undefined,
  );
}

/** Answers EXPLAIN as rows of text. */
export async function runExplain(
  kernel: Kernel,
  statement: Explain,
  context: QueryContext,
  session: Session,
): Promise<QueryResult> {
  const inner = statement.statement;
  if (inner.kind === "query") {
    const explanation = await explainQuery(kernel, inner, statement.analyze, context, session);
    return planRows(kernel, explanation);
  }
  if (
    inner.kind === "insert" || inner.kind === "update" || inner.kind === "delete" || inner.kind === "merge"
  ) {
    const plan = sourcePlan(prepareWrite(kernel, inner, context));
    return planRows(kernel, explanationOf(kernel, plan, context, undefined, undefined));
  }
  throw new QueryError("unsupported", `EXPLAIN of ${inner.kind} is not supported`, {
    hint: "explain a query, INSERT, UPDATE, DELETE or MERGE",
  });
}

function planRows(kernel: Kernel, explanation: Explanation): QueryResult {
  return textRows(kernel, ["QUERY PLAN"], explanation.lines().map((line) => [line]));
}

function explanationOf(
  kernel: Kernel,
  plan: Plan,
  context: QueryContext,
  outcome: PlanOutcome | undefined,
  elapsedMs: number | undefined,
): Explanation {
  return new Explanation({
    plan,
    operators: outcome?.statistics ?? [],
    estimatedRows: estimatedRows(kernel, plan),
    elapsedMs,
    notes: kernel.hooks.waterfall("explainPlan", [], plan, context),
  });
}

function estimatedRows(kernel: Kernel, plan: Plan): ReadonlyMap<Plan, number> {
  const rows = new Map<Plan, number>();
  const estimateRows = kernel.estimator();
  const visit = (node: Plan) => {
    rows.set(node, estimateRows(node));
    children(node).forEach(visit);
  };
  visit(plan);
  return rows;
}
