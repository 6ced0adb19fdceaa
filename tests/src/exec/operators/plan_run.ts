/**
 * Runs hand-made plans over fake tables.
 *
 * @module
 */
import {
  createExecution,
  type ExecutionEnvironment,
  type ResultSet,
} from "../../../../src/exec/execution.ts";
import { datumAt } from "../../../../src/exec/vector_read.ts";
import { FunctionRegistry } from "../../../../src/query/function_registry.ts";
import { BUILTIN_FUNCTIONS } from "../../../../src/query/functions/library.ts";
import type { Plan, PlanColumn, Scalar, ScanPlan, SortKey } from "../../../../src/query/plan.ts";
import { planColumns } from "../../../../src/query/plan_walk.ts";
import { BOOLEAN, type Datum, INTEGER, type SqlType } from "../../../../src/storage/sql_type.ts";
import type { TableSnapshot } from "../../../../src/storage/table_view.ts";

export const REGISTRY: FunctionRegistry = new FunctionRegistry(BUILTIN_FUNCTIONS);

/** An environment over some tables. */
export function environment(
  tables: readonly TableSnapshot[],
  limits: Partial<ExecutionEnvironment["limits"]> = {},
): ExecutionEnvironment {
  return {
    snapshot: (name) => tables.find((table) => table.table === name)!,
    parameters: [],
    functions: REGISTRY,
    nowMicros: 0,
    timeZone: "UTC",
    random: () => 0.5,
    limits: { rowsMax: 1e6, memoryBytesMax: 1e9, joinFanOutMax: 1e6, ...limits },
  };
}

/** All rows of a plan, run in steps of `budget`. */
export function runPlan(plan: Plan, env: ExecutionEnvironment, budget = 1e9): Datum[][] {
  const execution = createExecution({ plan, columns: planColumns(plan) }, env);
  try {
    while (!execution.step(budget));
    return rowsOf(execution.result());
  } finally {
    execution.close();
  }
}

/** A result as rows. */
export function rowsOf(result: ResultSet): Datum[][] {
  return Array.from(
    { length: result.rowCount },
    (_, row) => result.columns.map((vector) => datumAt(vector, row)),
  );
}

/** A scan of all columns of `table`, with ids from `firstId` on. */
export function scan(table: TableSnapshot, firstId: number): ScanPlan {
  return {
    kind: "scan",
    table: table.table,
    alias: table.table,
    columns: table.columns.map((column, ordinal) => ({ ...column, id: firstId + ordinal, ordinal })),
  };
}

/** A column of a plan as an expression. */
export function column(plan: Plan, index: number): Scalar {
  const { id, name, type } = planColumns(plan)[index]!;
  return { kind: "column", id, name, type };
}

/** A constant. */
export function literal(value: Datum, type: SqlType = INTEGER): Scalar {
  return { kind: "literal", value, type };
}

/** A call of a scalar function. */
export function call(name: string, args: readonly Scalar[], type: SqlType = BOOLEAN): Scalar {
  return { kind: "call", name, arguments: args, type };
}

/** `a = b`. */
export function equal(a: Scalar, b: Scalar): Scalar {
  return call("=", [a, b]);
}

/** A column that a node makes. */
export function made(id: number, type: SqlType): PlanColumn {
  return { id, name: `c${id}`, type, nullable: true };
}

/** An ascending key, NULLs last. */
export function ascending(expression: Scalar): SortKey {
  return { expression, descending: false, nullsFirst: false };
}
