/**
 * Predicates: the rows of a chunk for which a condition is TRUE.
 *
 * Conjuncts are applied one after the other to a shrinking selection. A conjunct that has kernels for it
 * looks at the selected rows in place. Any other is evaluated on the whole chunk while most rows are left,
 * and on the remaining rows alone when they are few, or when a row that is out already makes it fail.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import type { PlanColumn, Scalar } from "../../query/plan.ts";
import type { Chunk } from "../../storage/vector.ts";
import { refineTrue, selectAll, selectTrue } from "../kernels/nulls.ts";
import { asBooleans } from "./boolean_node.ts";
import { CompileSession } from "./compile_session.ts";
import type { EvaluationEnvironment } from "./environment.ts";
import { evaluateSubset, tryEvaluate } from "./row_subset.ts";
import type { ScalarNode } from "./scalar_node.ts";
import { isAtHand, type SelectiveNode, selectiveNode } from "./selective.ts";

/** Below this share of the chunk a conjunct is evaluated on the rows that are left alone. */
const WHOLE_SHARE = 0.25;

/** Selects rows. */
export interface Predicate {
  /**
   * Writes the numbers of the rows where the predicate is TRUE to `selection`, ascending; gives their count.
   * `selection` has room for all rows of the chunk.
   */
  select(chunk: Chunk, selection: Int32Array): number;
}

interface Conjunct {
  readonly node: ScalarNode;
  readonly selective: SelectiveNode | undefined;
}

/** Compiles a condition over the columns of `input`. */
export function compilePredicate(
  scalar: Scalar,
  input: readonly PlanColumn[],
  environment: EvaluationEnvironment,
): Predicate {
  const session = new CompileSession(input, environment);
  const conjuncts = conjunctsOf(scalar).map((conjunct): Conjunct => {
    const node = session.compile(conjunct);
    return { node, selective: selectiveNode(node) };
  });
  return {
    select(chunk: Chunk, selection: Int32Array): number {
      session.nextChunk();
      let count = chunk.size;
      for (const [index, conjunct] of conjuncts.entries()) {
        if (count === 0) return 0;
        // Until a row is out, `selection` need not be written.
        if (index === 0) count = selectFirst(conjunct, chunk, selection);
        else count = refine(conjunct, chunk, selection, count);
      }
      return conjuncts.length === 0 ? selectAll(0, chunk.size, selection) : count;
    },
  };
}

/** The conditions that must all hold. */
export function conjunctsOf(scalar: Scalar): readonly Scalar[] {
  return scalar.kind === "and" ? scalar.arguments.flatMap(conjunctsOf) : [scalar];
}

function selectFirst({ node, selective }: Conjunct, chunk: Chunk, rows: Int32Array): number {
  const count = selective?.select(chunk, rows) ?? -1;
  if (count !== -1) return count;
  const { values, nulls } = asBooleans(node.evaluate(chunk));
  return selectTrue(values, nulls, chunk.size, rows);
}

function refine({ node, selective }: Conjunct, chunk: Chunk, rows: Int32Array, count: number): number {
  const many = count >= chunk.size * WHOLE_SHARE;
  if (selective !== undefined && (many || isAtHand(selective, chunk))) {
    const kept = tryRefine(selective, chunk, rows, count);
    if (kept !== -1) return kept;
  }
  const whole = many && !node.volatile ? tryEvaluate(node, chunk) : null;
  if (whole !== null) {
    const { values, nulls } = asBooleans(whole);
    return refineTrue(values, nulls, rows, count);
  }
  const { values, nulls } = asBooleans(evaluateSubset(node, chunk, rows, count));
  let kept = 0;
  for (let j = 0; j < count; j++) {
    rows[kept] = rows[j]!;
    kept += nulls === null ? values[j]! : values[j]! & (nulls[j]! ^ 1);
  }
  return kept;
}

/** A row that is out already may fail; then the rows that are left must be looked at alone. */
function tryRefine(node: SelectiveNode, chunk: Chunk, rows: Int32Array, count: number): number {
  if (!node.fallible) return node.refine(chunk, rows, count);
  try {
    return node.refine(chunk, rows, count);
  } catch (error) {
    if (error instanceof QueryError) return -1;
    throw error;
  }
}
