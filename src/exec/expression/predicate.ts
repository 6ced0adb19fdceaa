/**
 * Predicates: the rows of a chunk for which a condition is TRUE.
 *
 * Conjuncts are applied one after the other to a shrinking selection.
 *
 * @module
 */
import type { PlanColumn, Scalar } from "../../query/plan.ts";
import type { Chunk } from "../../storage/vector.ts";
import { CompileSession } from "./compile_session.ts";
import type { EvaluationEnvironment } from "./environment.ts";
import { asBooleans } from "./logical.ts";
import { evaluateSubset, tryEvaluate } from "./row_subset.ts";
import type { ScalarNode } from "./scalar_node.ts";

/** Below this share of the chunk a conjunct is evaluated on the rows that are left alone. */
const WHOLE_SHARE = 0.25;

/** Selects rows. */
export interface Predicate {
  /** Writes the numbers of the rows where the predicate is TRUE to `selection`, ascending; gives their count. */
  select(chunk: Chunk, selection: Int32Array): number;
}

/** Compiles a condition over the columns of `input`. */
export function compilePredicate(
  scalar: Scalar,
  input: readonly PlanColumn[],
  environment: EvaluationEnvironment,
): Predicate {
  const session = new CompileSession(input, environment);
  const nodes = conjunctsOf(scalar).map((conjunct) => session.compile(conjunct));
  return {
    select(chunk: Chunk, selection: Int32Array): number {
      session.nextChunk();
      for (let i = 0; i < chunk.size; i++) selection[i] = i;
      let count = chunk.size;
      for (const node of nodes) {
        if (count === 0) return 0;
        count = refine(node, chunk, selection, count);
      }
      return count;
    },
  };
}

/** The conditions that must all hold. */
export function conjunctsOf(scalar: Scalar): readonly Scalar[] {
  return scalar.kind === "and" ? scalar.arguments.flatMap(conjunctsOf) : [scalar];
}

function refine(node: ScalarNode, chunk: Chunk, selection: Int32Array, count: number): number {
  const all = count === chunk.size;
  const whole = all
    ? node.evaluate(chunk)
    : count >= chunk.size * WHOLE_SHARE && !node.volatile
    ? tryEvaluate(node, chunk)
    : null;
  const { values, nulls } = asBooleans(whole ?? evaluateSubset(node, chunk, selection, count));
  let kept = 0;
  for (let j = 0; j < count; j++) {
    const row = selection[j]!;
    const at = whole === null ? j : row;
    selection[kept] = row;
    kept += nulls === null ? values[at]! : values[at]! & (nulls[at]! ^ 1);
  }
  return kept;
}
