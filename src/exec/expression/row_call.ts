/**
 * Functions evaluated row by row: the general way, for everything that has no kernel.
 *
 * @module
 */
import type { Span } from "../../query/ast.ts";
import type { CallContext } from "../../query/function.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import type { Chunk } from "../../storage/vector.ts";
import { type DenseVector, vectorFromDatums } from "../vector_build.ts";
import { readDatums } from "../vector_read.ts";
import { withSpan } from "./error_span.ts";
import { type ScalarNode, traitsOf } from "./scalar_node.ts";

/** What a row-wise node computes. */
export interface RowFunction {
  readonly evaluate: (args: readonly Datum[], context: CallContext) => Datum;
  /** NULL when any argument is NULL; the function then never sees a NULL. */
  readonly strict: boolean;
  readonly volatile: boolean;
  /** It does not throw. */
  readonly total: boolean;
  readonly context: CallContext;
  readonly span: Span | undefined;
}

/** Calls a function for each row. */
export class RowCallNode implements ScalarNode {
  readonly type: SqlType;
  readonly columns: ReadonlySet<number>;
  readonly fallible: boolean;
  readonly volatile: boolean;
  readonly #function: RowFunction;
  readonly #arguments: readonly ScalarNode[];

  constructor(rowFunction: RowFunction, args: readonly ScalarNode[]) {
    const traits = traitsOf(args, !rowFunction.total);
    this.type = rowFunction.context.resultType;
    this.columns = traits.columns;
    this.fallible = traits.fallible;
    this.volatile = rowFunction.volatile || traits.volatile;
    this.#function = rowFunction;
    this.#arguments = args;
  }

  evaluate(chunk: Chunk): DenseVector {
    return callRows(this.#function, this.#arguments.map((node) => node.evaluate(chunk)), chunk.size);
  }
}

/** The function's value for each of the first `size` rows of `vectors`. */
export function callRows(
  rowFunction: RowFunction,
  vectors: readonly DenseVector[],
  size: number,
): DenseVector {
  const columns = vectors.map((vector) => readDatums(vector, size));
  const out = new Array<Datum>(size);
  const row = new Array<Datum>(columns.length);
  const { evaluate, strict, context } = rowFunction;
  try {
    for (let i = 0; i < size; i++) {
      let hasNull = false;
      for (let j = 0; j < columns.length; j++) {
        const value = columns[j]![i]!;
        if (value === null) hasNull = true;
        row[j] = value;
      }
      // A function may keep its arguments, so every row gets an array of its own.
      out[i] = strict && hasNull ? null : evaluate(row.slice(), context);
    }
  } catch (error) {
    throw withSpan(error, rowFunction.span);
  }
  return vectorFromDatums(context.resultType, out, size);
}
