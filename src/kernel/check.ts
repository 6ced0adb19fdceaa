/**
 * CHECK constraints: SQL conditions in the form in which storage asks them, a chunk of rows at a time.
 *
 * @module
 */
import { compilePredicate } from "../exec/expression/predicate.ts";
import type { PlanColumn, Scalar } from "../query/plan.ts";
import { freeColumns } from "../query/plan_walk.ts";
import { BOOLEAN } from "../storage/sql_type.ts";
import type { CheckConstraint } from "../storage/table_definition.ts";
import type { StoredColumnDefinition } from "../storage/table_view.ts";
import { bindDefinition } from "./bind_definition.ts";
import type { TableDetails } from "./catalog.ts";
import type { Kernel } from "./kernel.ts";

/** The CHECKs of a table with these columns. */
export function compileChecks(
  kernel: Kernel,
  columns: readonly StoredColumnDefinition[],
  checks: TableDetails["checks"],
): readonly CheckConstraint[] {
  const row: readonly PlanColumn[] = columns.map(({ name, type, nullable }, id) => ({
    id,
    name,
    type,
    nullable,
  }));
  return checks.map(({ name, expression }) =>
    compileCheck(kernel, row, name, bindDefinition(kernel, expression, row))
  );
}

function compileCheck(
  kernel: Kernel,
  row: readonly PlanColumn[],
  name: string,
  condition: Scalar,
): CheckConstraint {
  // A row violates the condition when it is FALSE; NULL passes, as SQL has it.
  const violated: Scalar = { kind: "not", argument: condition, type: BOOLEAN };
  let selection = new Int32Array(64);
  return {
    name,
    ordinals: [...freeColumns(condition)],
    firstViolation: (chunk) => {
      if (selection.length < chunk.size) selection = new Int32Array(chunk.size);
      const predicate = compilePredicate(violated, row, kernel.rowEnvironment());
      return predicate.select(chunk, selection) > 0 ? selection[0]! : -1;
    },
  };
}
