/**
 * A compiled expression is a tree of nodes; each makes one vector for each chunk.
 *
 * A node owns its output arrays: what `evaluate` gives holds until the node's next `evaluate`. A node whose
 * value does not depend on the row says so by `constant`, so that parents choose kernels for constants.
 *
 * @module
 */
import type { Scalar } from "../../query/plan.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import { type Chunk, CHUNK_ROWS } from "../../storage/vector.ts";
import { constantVector, type DenseVector } from "../vector_build.ts";
import type { EvaluationEnvironment } from "./environment.ts";

/** One step of an expression. */
export interface ScalarNode {
  readonly type: SqlType;
  /** Positions of the input columns that the node reads, directly or through its arguments. */
  readonly columns: ReadonlySet<number>;
  /** Set when the value is the same for every row. */
  readonly constant?: Datum;
  /** Whether some value can make `evaluate` throw. */
  readonly fallible: boolean;
  /** Whether the same input may give another value. */
  readonly volatile: boolean;
  evaluate(chunk: Chunk): DenseVector;
}

/** Makes nodes of expressions; equal expressions become one node. */
export interface NodeCompiler {
  readonly environment: EvaluationEnvironment;
  compile(scalar: Scalar): ScalarNode;
  /** A compiler whose nodes are not shared with this one's: for branches that run on other rows. */
  branch(): NodeCompiler;
}

/** What a node is known to be before it is evaluated, from its arguments. */
export interface NodeTraits {
  readonly columns: ReadonlySet<number>;
  readonly fallible: boolean;
  readonly volatile: boolean;
}

/** Traits of a node over `children`; `fallible` when its own step may throw. */
export function traitsOf(children: readonly ScalarNode[], fallible: boolean): NodeTraits {
  const columns = new Set<number>();
  for (const child of children) for (const column of child.columns) columns.add(column);
  return {
    columns,
    fallible: fallible || children.some((child) => child.fallible),
    volatile: children.some((child) => child.volatile),
  };
}

const NO_COLUMNS: ReadonlySet<number> = new Set();

/** A value that is the same for all rows. */
export class ConstantNode implements ScalarNode {
  readonly type: SqlType;
  readonly columns: ReadonlySet<number> = NO_COLUMNS;
  readonly constant: Datum;
  readonly fallible = false;
  readonly volatile = false;
  #vector: DenseVector | null = null;
  #size = 0;

  constructor(type: SqlType, value: Datum) {
    this.type = type;
    this.constant = value;
  }

  evaluate(chunk: Chunk): DenseVector {
    if (this.#vector === null || this.#size < chunk.size) {
      this.#size = Math.max(chunk.size, chunk.size > 1 ? CHUNK_ROWS : 1);
      this.#vector = constantVector(this.type, this.constant, this.#size);
    }
    return this.#vector;
  }
}

/** Counts evaluations, so that nodes know whether what they remember is of the current one. */
export interface EvaluationClock {
  tick: number;
}

/** Evaluates its node once for each chunk, however many parents ask. */
export class MemoNode implements ScalarNode {
  readonly type: SqlType;
  readonly columns: ReadonlySet<number>;
  readonly fallible: boolean;
  readonly volatile: boolean;
  /** The node that is remembered. */
  readonly inner: ScalarNode;
  readonly #clock: EvaluationClock;
  #tick = -1;
  #chunk: Chunk | null = null;
  #vector: DenseVector | null = null;

  constructor(inner: ScalarNode, clock: EvaluationClock) {
    this.type = inner.type;
    this.columns = inner.columns;
    this.fallible = inner.fallible;
    this.volatile = inner.volatile;
    this.inner = inner;
    this.#clock = clock;
  }

  evaluate(chunk: Chunk): DenseVector {
    if (this.#vector !== null && this.#tick === this.#clock.tick && this.#chunk === chunk) {
      return this.#vector;
    }
    this.#vector = null;
    const vector = this.inner.evaluate(chunk);
    this.#tick = this.#clock.tick;
    this.#chunk = chunk;
    this.#vector = vector;
    return vector;
  }
}
