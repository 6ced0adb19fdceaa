/**
 * Compiles bound expressions to evaluators over chunks.
 *
 * An evaluator keeps its output arrays: a vector that it gave holds until its next `evaluate`. Columns that
 * are only passed through stay as they came, lazy ones too.
 *
 * @module
 */
import type { PlanColumn, Scalar } from "../../query/plan.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { Chunk, Vector } from "../../storage/vector.ts";
import { CompileSession } from "./compile_session.ts";
import type { EvaluationEnvironment } from "./environment.ts";
import type { ScalarNode } from "./scalar_node.ts";

/** Computes one expression. */
export interface Evaluator {
  readonly type: SqlType;
  /** The expression for each row of `chunk`. */
  evaluate(chunk: Chunk): Vector;
}

/** Computes several expressions over the same chunks; what they have in common is computed once. */
export interface ProjectionEvaluator {
  readonly types: readonly SqlType[];
  /** One vector for each expression, in their order. */
  evaluate(chunk: Chunk): readonly Vector[];
}

/** Compiles one expression over the columns of `input`. */
export function compileScalar(
  scalar: Scalar,
  input: readonly PlanColumn[],
  environment: EvaluationEnvironment,
): Evaluator {
  const projection = compileScalars([scalar], input, environment);
  return { type: scalar.type, evaluate: (chunk) => projection.evaluate(chunk)[0]! };
}

/** Compiles the expressions of one operator together. */
export function compileScalars(
  scalars: readonly Scalar[],
  input: readonly PlanColumn[],
  environment: EvaluationEnvironment,
): ProjectionEvaluator {
  const session = new CompileSession(input, environment);
  const outputs = scalars.map((scalar) => compileOutput(scalar, session));
  return {
    types: scalars.map((scalar) => scalar.type),
    evaluate(chunk: Chunk): readonly Vector[] {
      session.nextChunk();
      const vectors = new Array<Vector>(outputs.length);
      for (let i = 0; i < vectors.length; i++) {
        const output = outputs[i]!;
        vectors[i] = typeof output === "number" ? chunk.columns[output]! : output.evaluate(chunk);
      }
      return vectors;
    },
  };
}

/** The position of a column that is passed through, or the node to evaluate. */
function compileOutput(scalar: Scalar, session: CompileSession): number | ScalarNode {
  if (scalar.kind === "column") {
    const position = session.position(scalar.id);
    if (position !== undefined) return position;
  }
  return session.compile(scalar);
}
