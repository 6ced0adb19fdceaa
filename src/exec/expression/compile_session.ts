/**
 * From bound expressions to nodes.
 *
 * Nodes are interned: equal sub-expressions of one session become one node, which is evaluated once for each
 * chunk. A node's key is built from the numbers of its arguments' nodes, so that compiling is O(nodes).
 * Expressions without columns are evaluated here, once; one that fails stays, to fail when a row needs it.
 *
 * @module
 */
import { assert, unreachable } from "../../base/assert.ts";
import { InvariantError, QueryError } from "../../base/error.ts";
import type { ColumnId, PlanColumn, Scalar } from "../../query/plan.ts";
import { type Datum, type SqlType, typeName } from "../../storage/sql_type.ts";
import type { Chunk } from "../../storage/vector.ts";
import { primeKernels } from "../kernels/prime.ts";
import { datumAt } from "../vector_read.ts";
import { compileCall } from "./call.ts";
import { compileCast } from "./cast.ts";
import { ColumnNode } from "./column_node.ts";
import { CaseNode, CoalesceNode } from "./conditional.ts";
import type { EvaluationEnvironment } from "./environment.ts";
import { compileInList } from "./in_list.ts";
import { IsNullNode, LogicalNode, NotNode } from "./logical.ts";
import { isMemorableType, MemoExpressionNode, MemoPredicateNode } from "./memo_expression.ts";
import { RowCallNode } from "./row_call.ts";
import {
  ConstantNode,
  type EvaluationClock,
  MemoNode,
  type NodeCompiler,
  type ScalarNode,
} from "./scalar_node.ts";
import { isColumn, selectiveNode } from "./selective.ts";

const ONE_ROW: Chunk = { size: 1, columns: [] };

interface SessionScope {
  readonly input: readonly PlanColumn[];
  readonly positions: ReadonlyMap<ColumnId, number>;
  readonly clock: EvaluationClock;
  nodeCount: number;
}

/** Compiles the expressions of one operator. */
export class CompileSession implements NodeCompiler {
  readonly environment: EvaluationEnvironment;
  readonly #scope: SessionScope;
  readonly #memoize: boolean;
  readonly #nodes = new Map<string, ScalarNode>();
  readonly #numbers = new Map<ScalarNode, number>();

  /** `memoize` is off inside of expressions that are memoised as a whole. */
  constructor(
    input: readonly PlanColumn[],
    environment: EvaluationEnvironment,
    scope?: SessionScope,
    memoize = true,
  ) {
    primeKernels();
    this.environment = environment;
    this.#memoize = memoize;
    this.#scope = scope ?? {
      input,
      positions: new Map(input.map((column, position) => [column.id, position])),
      clock: { tick: 0 },
      nodeCount: 0,
    };
  }

  /** To be called before a chunk is evaluated: what nodes remember ends here. */
  nextChunk(): void {
    this.#scope.clock.tick++;
  }

  branch(): NodeCompiler {
    return new CompileSession([], this.environment, this.#scope, this.#memoize);
  }

  /** The position of a column in the input; `undefined` when it is none of the input's. */
  position(id: ColumnId): number | undefined {
    return this.#scope.positions.get(id);
  }

  compile(scalar: Scalar): ScalarNode {
    switch (scalar.kind) {
      case "column":
        return this.#intern(
          scalar,
          `column ${scalar.id}`,
          () => this.#column(scalar.id, scalar.name, scalar.type),
        );
      case "literal":
        return this.#constant(scalar.type, scalar.value);
      case "parameter": {
        const value = this.environment.parameters[scalar.index];
        assert(value !== undefined, () => `Parameter without value: received $${scalar.index + 1}`);
        return this.#constant(scalar.type, value);
      }
      case "call": {
        const args = scalar.arguments.map((one) => this.compile(one));
        return this.#intern(
          scalar,
          this.#key(scalar, scalar.name, args),
          () => compileCall(scalar, args, this),
        );
      }
      case "cast": {
        const argument = this.compile(scalar.argument);
        const form = `${scalar.tolerant ? "tolerant" : ""} ${scalar.explicit ? "explicit" : ""}`;
        return this.#intern(
          scalar,
          this.#key(scalar, form, [argument]),
          () => compileCast(scalar, argument, this),
        );
      }
      case "not": {
        const argument = this.compile(scalar.argument);
        return this.#intern(scalar, this.#key(scalar, "", [argument]), () => new NotNode(argument));
      }
      case "isNull": {
        const argument = this.compile(scalar.argument);
        const key = this.#key(scalar, String(scalar.negated), [argument]);
        return this.#intern(scalar, key, () => new IsNullNode(argument, scalar.negated));
      }
      case "inList": {
        const argument = this.compile(scalar.argument);
        const items = scalar.items.map((item) => this.compile(item));
        return this.#intern(
          scalar,
          this.#key(scalar, "", [argument, ...items]),
          () => compileInList(scalar, argument, items, this),
        );
      }
      case "and":
      case "or":
      case "case":
      case "coalesce":
        return this.#fold(scalar, this.#conditional(scalar));
      case "subquery":
        throw new InvariantError("invariant", "Subqueries are planned as joins before execution");
      default:
        return unreachable(scalar);
    }
  }

  /** Arguments run on differing rows, so their nodes are not shared with the rest of the session. */
  #conditional(scalar: Scalar & { kind: "and" | "or" | "case" | "coalesce" }): ScalarNode {
    const compiler = this.branch();
    if (scalar.kind === "case") {
      const branches = scalar.branches.map((one) => ({
        when: compiler.compile(one.when),
        then: compiler.compile(one.then),
      }));
      return new CaseNode(scalar.type, branches, compiler.compile(scalar.otherwise));
    }
    const args = scalar.arguments.map((one) => compiler.compile(one));
    return scalar.kind === "coalesce"
      ? new CoalesceNode(scalar.type, args)
      : new LogicalNode(scalar.kind, args);
  }

  #column(id: ColumnId, name: string, type: SqlType): ScalarNode {
    const position = this.#scope.positions.get(id);
    assert(position !== undefined, () => `Column that the input does not have: received ${name} (${id})`);
    return new ColumnNode(type, position);
  }

  #constant(type: SqlType, value: Datum): ScalarNode {
    if (typeof value === "object" && value !== null) return this.#number(new ConstantNode(type, value));
    const text = Object.is(value, -0) ? "-0" : String(value);
    const key = `constant ${typeName(type)} ${typeof value} ${text}`;
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    const node = this.#number(new ConstantNode(type, value));
    this.#nodes.set(key, node);
    return node;
  }

  /** Identifies an expression by its form and by the nodes of its arguments. */
  #key(scalar: Scalar, form: string, args: readonly ScalarNode[]): string {
    const numbers = args.map((node) => this.#numbers.get(node));
    return `${scalar.kind} ${form} ${typeName(scalar.type)} ${numbers.join(" ")}`;
  }

  #intern(scalar: Scalar, key: string, make: () => ScalarNode): ScalarNode {
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    const node = this.#fold(scalar, make());
    this.#nodes.set(key, node);
    return node;
  }

  /** The node in its final form: a constant, remembered by distinct value, or remembered for the chunk. */
  #fold(scalar: Scalar, node: ScalarNode): ScalarNode {
    if (node.constant !== undefined) return this.#number(node);
    if (node.volatile) return this.#number(new MemoNode(node, this.#scope.clock));
    if (node.columns.size > 0) {
      return this.#number(new MemoNode(this.#memoized(scalar, node) ?? node, this.#scope.clock));
    }
    try {
      return this.#number(new ConstantNode(node.type, datumAt(node.evaluate(ONE_ROW), 0)));
    } catch (error) {
      if (error instanceof QueryError) return this.#number(node);
      throw error;
    }
  }

  /** A costly expression of a single text or date column. */
  #memoized(scalar: Scalar, direct: ScalarNode): ScalarNode | undefined {
    if (!this.#memoize || direct.columns.size !== 1) return undefined;
    const [position] = direct.columns;
    const known = this.#scope.input[position!]!;
    if (!isMemorableType(known.type) || !isCostly(direct, known.type)) return undefined;
    const detached = new CompileSession([], this.environment, this.#scope, false).compile(scalar);
    const column = this.compile({ kind: "column", id: known.id, name: known.name, type: known.type });
    const parts = { direct, detached, column, position: position! };
    return direct.type.kind === "boolean" ? new MemoPredicateNode(parts) : new MemoExpressionNode(parts);
  }

  #number(node: ScalarNode): ScalarNode {
    this.#numbers.set(node, this.#scope.nodeCount++);
    return node;
  }
}

/** Whether a node over one column costs more than a look at a table. */
function isCostly(node: ScalarNode, type: SqlType): boolean {
  if (node instanceof RowCallNode || node instanceof CaseNode || node instanceof CoalesceNode) return true;
  // Ranges of dates are cheaper than their table.
  if (node instanceof LogicalNode || node instanceof NotNode) return type.kind !== "date";
  const selective = selectiveNode(node);
  return selective !== undefined && !isColumn(selective.subject);
}
