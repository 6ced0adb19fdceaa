/**
 * A piece of a plan whose inputs are given as rows, run by the batch executor.
 *
 * What the batch executor computes is right by definition, so an operator that recomputes part of its output
 * with it agrees with a query to the last bit.
 *
 * @module
 */
import { createExecution, type ExecutionEnvironment, runToEnd } from "../exec/execution.ts";
import type { CteScanPlan, Plan, PlanColumn } from "../query/plan.ts";
import { mapChildren } from "../query/plan_walk.ts";
import type { Vector } from "../storage/vector.ts";
import { type Delta, uniformDelta } from "./delta.ts";

/** Rows that are given to a template. */
export interface GivenRows {
  readonly columns: readonly Vector[];
  readonly size: number;
}

/** See the module header. */
export class BatchTemplate {
  readonly columns: readonly PlanColumn[];
  readonly #plan: Plan;
  readonly #inputs: readonly (readonly PlanColumn[])[];
  readonly #environment: ExecutionEnvironment;

  /** `plan` reads input `i` by {@linkcode givenInput}. */
  constructor(
    plan: Plan,
    columns: readonly PlanColumn[],
    inputs: readonly (readonly PlanColumn[])[],
    environment: ExecutionEnvironment,
  ) {
    this.columns = columns;
    this.#plan = plan;
    this.#inputs = inputs;
    this.#environment = environment;
  }

  /** The rows of the plan over these inputs, each of weight 1. */
  run(inputs: readonly GivenRows[]): Delta {
    const commonTables = new Map(this.#inputs.map((columns, i) => [
      cteOf(i),
      {
        ids: columns.map((column) => column.id),
        types: columns.map((column) => column.type),
        rowCount: inputs[i]!.size,
        columns: inputs[i]!.columns,
      },
    ]));
    return rowsOfQuery(
      { plan: this.#plan, columns: this.columns },
      { ...this.#environment, commonTables },
    );
  }
}

/** The rows of a query by the batch executor, each of weight 1. */
export function rowsOfQuery(
  query: { readonly plan: Plan; readonly columns: readonly PlanColumn[] },
  environment: ExecutionEnvironment,
): Delta {
  const execution = createExecution(query, environment);
  try {
    const { rowCount, columns } = runToEnd(execution);
    return uniformDelta(columns, rowCount, 1);
  } finally {
    execution.close();
  }
}

/** `plan` with its children as given inputs. */
export function overGivenInputs(plan: Plan, children: readonly (readonly PlanColumn[])[]): Plan {
  let next = 0;
  return mapChildren(plan, () => {
    const input = next++;
    return givenInput(input, children[input]!);
  });
}

/** Reads input `index` of a template. */
export function givenInput(index: number, columns: readonly PlanColumn[]): CteScanPlan {
  return {
    kind: "cteScan",
    cte: cteOf(index),
    name: `input ${index}`,
    columns: columns.map((column) => ({ ...column, source: column.id })),
  };
}

/** Numbers that no common table of a query has. */
function cteOf(index: number): number {
  return -1 - index;
}
