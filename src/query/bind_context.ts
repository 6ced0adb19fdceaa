/**
 * The state of one binding: fresh ids, parameters, limits, and the entry points of the binder's parts.
 *
 * The parts of the binder call each other in a ring (an expression holds a query, a query holds expressions),
 * but modules must not import each other in a ring. So each part calls the others through {@linkcode Binder},
 * which binder.ts fills in.
 *
 * @module
 */
import { LimitError, messageWithoutHint, QueryError, SchemaError } from "../base/error.ts";
import { NULL_TYPE, type SqlType, TEXT, typeName } from "../storage/sql_type.ts";
import type { DataStatement, Expression, Parameter, Query, Span, TableReference } from "./ast.ts";
import type { BoundStatement } from "./bound_statement.ts";
import type { Catalog } from "./catalog.ts";
import type { CteScope, ExpressionSite, Scope, Visible } from "./bind_scope.ts";
import type { FunctionRegistry } from "./function_registry.ts";
import type { ColumnId, Plan, PlanColumn, Scalar } from "./plan.ts";

/** Bounds on what a statement may ask of the binder. */
export interface BindLimits {
  /** Nesting of expressions and queries. */
  readonly depth: number;
  /** Length of a chain of operators such as `a + b + c`, which nests to the left. */
  readonly chain: number;
  /** Views within views. */
  readonly viewDepth: number;
  /** Table references, those inside of views and repeated common tables included. */
  readonly relations: number;
  /** Sets that GROUP BY may expand to. */
  readonly groupingSets: number;
}

/** The limits that hold when none are given. */
export const DEFAULT_BIND_LIMITS: BindLimits = {
  depth: 500,
  chain: 1000,
  viewDepth: 64,
  relations: 10_000,
  groupingSets: 4096,
};

/** What a statement is bound against. */
export interface BindEnvironment {
  readonly catalog: Catalog;
  readonly functions: FunctionRegistry;
  /** Types of `$1`, `$2`, ...; where undefined, the first use decides. */
  readonly parameterTypes?: readonly (SqlType | undefined)[];
  /** Names of the parameters in order; without it `:name` parameters are numbered as they occur. */
  readonly parameterNames?: readonly string[];
  /** IANA name of the session's time zone. */
  readonly timeZone?: string;
  /** Schemas whose names may be left out. */
  readonly searchPath?: readonly string[];
  readonly limits?: Partial<BindLimits>;
}

/** A query bound as a part of another: its plan and the columns that it shows. */
export interface BoundRelation {
  readonly plan: Plan;
  readonly columns: readonly PlanColumn[];
}

/** Where a query stands. */
export interface QueryPlace {
  readonly context: BindContext;
  /** The site of the enclosing expression or LATERAL item; undefined at the top. */
  readonly outer: ExpressionSite | undefined;
  readonly ctes: CteScope | undefined;
  /** Tables to the left in the same FROM that the query may not name, for messages. */
  readonly hidden?: Visible;
  /** The place of the statement itself, whose WITH may change data. */
  readonly top?: boolean;
  /** Leaves untyped literals of the output untyped, for a set operation or an INSERT to decide. */
  readonly keepUnknown?: boolean;
}

/** A table reference bound: its plan and what it makes visible. */
export interface BoundTable {
  readonly plan: Plan;
  readonly visible: Visible;
}

/** The parts of the binder, for each other. */
export interface Binder {
  expression(expression: Expression, site: ExpressionSite): Scalar;
  query(query: Query, place: QueryPlace): BoundRelation;
  /** `lateral` is the scope that a LATERAL item sees: the items to its left. */
  table(reference: TableReference, place: QueryPlace, lateral: Scope): BoundTable;
  statement(statement: DataStatement, place: QueryPlace): BoundStatement;
}

/** A data-modifying common table: it runs before the statement, and its RETURNING is read under `cte`. */
export interface CommonChange {
  readonly cte: number;
  readonly name: string;
  readonly statement: BoundStatement;
}

/** The state of one binding. */
export class BindContext {
  readonly binder: Binder;
  readonly environment: BindEnvironment;
  readonly limits: BindLimits;
  /** The data-modifying common tables of the statement. */
  readonly changes: CommonChange[] = [];
  /** Puts every common table in place: the changes run apart from the plan that would hold the tables. */
  inlineCommonTables = false;
  #nextColumn: ColumnId;
  #nextCte = 1;
  #depth = 0;
  #relations = 0;
  readonly #views: string[] = [];
  #version: number | undefined;
  readonly #nullable = new Set<ColumnId>();
  readonly #parameterTypes: (SqlType | undefined)[];
  readonly #parameterNames: string[];

  constructor(binder: Binder, environment: BindEnvironment, firstColumn: ColumnId = 1) {
    this.binder = binder;
    this.environment = environment;
    this.limits = { ...DEFAULT_BIND_LIMITS, ...environment.limits };
    this.#nextColumn = firstColumn;
    this.#parameterTypes = [...environment.parameterTypes ?? []];
    this.#parameterNames = [...environment.parameterNames ?? []];
  }

  /** The functions that calls are resolved against. */
  get functions(): FunctionRegistry {
    return this.environment.functions;
  }

  /** A column with a fresh id. */
  newColumn(name: string, type: SqlType, nullable: boolean): PlanColumn {
    const id = this.#nextColumn++;
    if (nullable) this.#nullable.add(id);
    return { id, name, type, nullable };
  }

  /** A fresh number for a common table. */
  newCte(): number {
    return this.#nextCte++;
  }

  /** Whether the column may hold NULL where it is visible. */
  isNullable(id: ColumnId): boolean {
    return this.#nullable.has(id);
  }

  /** Notes that an outer join, or the caller's row, may hold NULL in the column. */
  markNullable(id: ColumnId): void {
    this.#nullable.add(id);
  }

  /** Counts a table reference; views over views can name exponentially many. */
  countRelation(span: Span | undefined): void {
    const limit = this.limits.relations;
    if (++this.#relations <= limit) return;
    throw new LimitError("fan-out-limit", `Statement reads too many tables: the limit is ${limit}`, {
      details: { limit, actual: this.#relations, ...(span === undefined ? {} : { span }) },
      hint: "materialise the views or common tables that it reads many times",
    });
  }

  /** Runs `bind` one level deeper; throws `depth-limit` beyond the limit. */
  deeper<Result>(bind: () => Result, span?: Span): Result {
    const limit = this.limits.depth;
    if (this.#depth >= limit) {
      throw new LimitError("depth-limit", `Statement is nested too deeply: the limit is ${limit}`, {
        details: { limit, actual: this.#depth + 1, ...(span === undefined ? {} : { span }) },
        hint: "split it into common tables or views, or raise statementDepthMax",
      });
    }
    this.#depth++;
    try {
      return bind();
    } finally {
      this.#depth--;
    }
  }

  /** The version that tables are read at which do not say so themselves. */
  get version(): number | undefined {
    return this.#version;
  }

  /** Runs `bind` for a view that is read at `version`: so are the tables in it. */
  atVersion<Result>(version: number | undefined, bind: () => Result): Result {
    const before = this.#version;
    this.#version = version ?? before;
    try {
      return bind();
    } finally {
      this.#version = before;
    }
  }

  /** Runs `bind` as the definition of view `name`; throws when the view is being expanded already. */
  insideView<Result>(name: string, bind: () => Result): Result {
    if (this.#views.includes(name) || this.#views.length >= this.limits.viewDepth) {
      const path = [...this.#views, name].join(" -> ");
      throw new SchemaError("circular-definition", `View "${name}" is defined by itself: received ${path}`, {
        details: { view: name, path: [...this.#views, name] },
        hint: "redefine one of the views of the circle",
      });
    }
    this.#views.push(name);
    try {
      return bind();
    } finally {
      this.#views.pop();
    }
  }

  /** The expression of a parameter; its type is `null` until a use decides. */
  parameter(node: Parameter): Scalar {
    const index = this.#parameterIndex(node);
    while (this.#parameterTypes.length <= index) this.#parameterTypes.push(undefined);
    const type = this.#parameterTypes[index] ?? NULL_TYPE;
    return { kind: "parameter", index, type, ...(node.span === undefined ? {} : { span: node.span }) };
  }

  #parameterIndex({ index, name, span }: Parameter): number {
    if (name === undefined) {
      if (index !== undefined && index >= 1) return index - 1;
      throw new QueryError("invalid-parameter", `Parameters count from 1: received $${index}`, {
        details: { index, ...(span === undefined ? {} : { span }) },
      });
    }
    const known = this.#parameterNames.indexOf(name);
    if (known >= 0) return known;
    if (this.environment.parameterNames !== undefined) {
      throw new QueryError("invalid-parameter", `No value for parameter: received :${name}`, {
        details: { name, ...(span === undefined ? {} : { span }) },
        hint: `given are ${this.environment.parameterNames.map((one) => `:${one}`).join(", ") || "none"}`,
      });
    }
    return this.#parameterNames.push(name) - 1;
  }

  /** Decides the type of a parameter, unless an earlier use has. Gives the type that it has now. */
  decideParameter(index: number, type: SqlType): SqlType {
    const known = this.#parameterTypes[index];
    if (known !== undefined) return known;
    this.#parameterTypes[index] = type;
    return type;
  }

  /** The types of all parameters; those that no use decided are TEXT. */
  parameterTypes(): readonly SqlType[] {
    return this.#parameterTypes.map((type) => type ?? TEXT);
  }

  /** The names of `:name` parameters in the order of their indexes. */
  parameterNames(): readonly string[] {
    return this.#parameterNames;
  }
}

/** The details of an error about a node: its span and further values. */
export function at(span: Span | undefined, details: Record<string, unknown> = {}): Record<string, unknown> {
  return span === undefined ? details : { ...details, span };
}

/** Runs `work` and adds the place to a query error that has none. */
export function withSpan<Result>(span: Span | undefined, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof QueryError) || span === undefined || error.details["span"] !== undefined) {
      throw error;
    }
    throw new QueryError(error.code, messageWithoutHint(error), {
      details: { ...error.details, span },
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      cause: error,
    });
  }
}

/** The error for a construct that is understood but not carried out. */
export function unsupported(what: string, span: Span | undefined, hint?: string): QueryError {
  return new QueryError("unsupported", `${what} is not supported`, {
    details: at(span),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The error for an expression of the wrong type. */
export function typeMismatch(
  what: string,
  expected: string,
  received: SqlType,
  span: Span | undefined,
): QueryError {
  const type = typeName(received);
  return new QueryError("type-mismatch", `${what} must be ${expected}: received ${type}`, {
    details: at(span, { received: type }),
    hint: "cast it",
  });
}
