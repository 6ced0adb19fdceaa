/**
 * Expressions in a chart's spec: `sum(o_totalprice)`, `month(o_orderdate)`, `sum(price * (1 - discount))`.
 *
 * The grammar is a small part of SQL's: columns, numbers, texts, `+ - * /`, and the functions below. The text goes
 * through the SQL parser and only nodes of known kinds leave it, so a spec can neither call other functions nor
 * read other tables. A text that is the name of a column is that column, whatever characters it has.
 *
 * | functions | |
 * |---|---|
 * | `count()`, `count(x)`, `count(distinct x)`, `sum`, `avg` or `mean`, `median`, `mode`, `min`, `max` | aggregates |
 * | `stddev`, `variance`, `q1`, `q3`, `quantile(x, 0.9)`, `open(x, t)`, `close(x, t)` | aggregates |
 * | `year`, `quarter`, `month`, `week`, `day`, `hour`, `minute`, `second` | times cut to their begin |
 * | `monthOfYear`, `dayOfWeek` (Monday is 1), `hourOfDay`, ... | parts that repeat |
 * | `dateMonth`, `dateMonthDay`, `dateDay` | the same as dates of 2012, to compare years and months |
 * | `bin(x, width)`, `abs`, `round(x, digits)`, `floor`, `ceil`, `ln`, `sqrt`, `lower`, `upper`, `coalesce` | values |
 *
 * @module
 */
import { LiveViewError, QueryError } from "../../src/base/error.ts";
import type { Expression, FunctionCall } from "../../src/query/ast.ts";
import { call, literal, Scalar } from "../../src/query/builder.ts";
import { suggestion } from "../../src/query/name_suggestion.ts";
import { parseExpression } from "../../src/sql/parse.ts";
import { BIGINT, DATE, DOUBLE, INTEGER, type SqlType, TEXT } from "../../src/storage/sql_type.ts";
import { CHART_AGGREGATES, type ChartAggregate, distinctCount, quotient } from "./chart_aggregate.ts";
import type { QueryPipeline } from "./query_pipeline.ts";
import {
  CUT_TYPE,
  cutScalar,
  cycleScalar,
  partScalar,
  TIME_CYCLES,
  TIME_PARTS,
  TIME_UNITS,
} from "./time_cut.ts";
import type { TimeGranularity } from "./wall_time.ts";

/** Characters that an expression may have. */
const LENGTH_MAX = 1000;

/** A parsed expression. */
export interface ChartExpression {
  /** The column it becomes: the text without outer blanks. */
  readonly name: string;
  readonly value: Scalar;
  /** It combines rows. */
  readonly aggregate: boolean;
  /** A bare column. */
  readonly column: boolean;
  readonly type: SqlType | undefined;
}

/** Where an expression stands. */
export interface ExpressionScope {
  readonly pipeline: QueryPipeline;
  readonly timeZone: string;
  /** JSON pointer of the text. */
  readonly path: string;
}

/**
 * Reads an expression.
 *
 * @throws {QueryError} `syntax-error`, `unknown-column`, `unknown-function`, `invalid-parameter`, with the path
 */
export function chartExpression(text: string, scope: ExpressionScope): ChartExpression {
  const name = text.trim();
  if (scope.pipeline.columns !== undefined && scope.pipeline.has(text)) return bareColumn(text, text, scope);
  if (text.length > LENGTH_MAX) throw refused(scope, `An expression has at most ${LENGTH_MAX} characters`);
  const parsed = parsedAt(name, scope);
  if (parsed.kind === "column" && parsed.name.length === 1) {
    return bareColumn(parsed.name[0]!.name, name, scope);
  }
  const typed = new Reader(scope).read(parsed);
  return { name, column: false, ...typed };
}

/** True for texts that are expressions, not plain names. */
export function isCall(text: string): boolean {
  return /[()+*/]/.test(text);
}

function bareColumn(column: string, text: string, scope: ExpressionScope): ChartExpression {
  const found = columnLike(column, text, scope);
  return {
    name: found,
    value: scope.pipeline.column(found, scope.path),
    aggregate: false,
    column: true,
    type: scope.pipeline.typeOf(found),
  };
}

/** Unquoted names are folded by the parser: the text as written comes first, then any case. */
function columnLike(folded: string, written: string, { pipeline }: ExpressionScope): string {
  if (pipeline.columns === undefined) return folded;
  if (pipeline.has(written)) return written;
  if (pipeline.has(folded)) return folded;
  return pipeline.columns.find(({ name }) => name.toLowerCase() === folded.toLowerCase())?.name ?? written;
}

function parsedAt(text: string, scope: ExpressionScope): Expression {
  try {
    return parseExpression(text);
  } catch (cause) {
    const reason = cause instanceof LiveViewError ? cause.message.split("\n")[0]! : "unreadable";
    throw new QueryError("syntax-error", `Cannot read ${JSON.stringify(text)} at ${scope.path}: ${reason}`, {
      details: { path: scope.path, text },
      hint: "write it like sum(price) or month(day); quote names with blanks",
      cause,
    });
  }
}

function refused(
  { path }: ExpressionScope,
  message: string,
  hint = "see chart_expression.ts for the grammar",
): QueryError {
  return new QueryError("invalid-parameter", `${message} at ${path}`, { details: { path }, hint });
}

interface Typed {
  readonly value: Scalar;
  readonly aggregate: boolean;
  readonly type: SqlType | undefined;
}

const ARITHMETIC: ReadonlySet<string> = new Set(["+", "-", "*", "/"]);

class Reader {
  readonly #scope: ExpressionScope;

  constructor(scope: ExpressionScope) {
    this.#scope = scope;
  }

  read(node: Expression): Typed {
    switch (node.kind) {
      case "number":
        return { value: new Scalar(node), aggregate: false, type: DOUBLE };
      case "string":
        return { value: literal(node.value), aggregate: false, type: TEXT };
      case "column": {
        const [part, ...more] = node.name;
        if (more.length > 0) throw refused(this.#scope, "A column's name has no table before it");
        const name = columnLike(part!.name, part!.name, this.#scope);
        const value = this.#scope.pipeline.column(name, this.#scope.path);
        return { value, aggregate: false, type: this.#scope.pipeline.typeOf(name) };
      }
      case "unary":
        if (node.operator !== "-" && node.operator !== "+") break;
        return this.#wrapped([node.argument], ([argument]) => ({ ...node, argument: argument! }));
      case "binary":
        if (!ARITHMETIC.has(node.operator) || node.schema !== undefined) break;
        return this.#wrapped(
          [node.left, node.right],
          ([left, right]) =>
            node.operator === "/"
              ? quotient(new Scalar(left!), new Scalar(right!)).expression
              : { kind: "binary", operator: node.operator, left: left!, right: right! },
        );
      case "call":
        return this.#call(node);
      default:
    }
    throw refused(this.#scope, `"${node.kind}" is no part of an expression`);
  }

  #wrapped(parts: readonly Expression[], make: (parts: readonly Expression[]) => Expression): Typed {
    const read = parts.map((part) => this.read(part));
    return {
      value: new Scalar(make(read.map(({ value }) => value.expression))),
      aggregate: read.some(({ aggregate }) => aggregate),
      type: DOUBLE,
    };
  }

  #call(node: FunctionCall): Typed {
    const name = node.name.map((part) => part.name).join(".").toLowerCase();
    if (
      node.over !== undefined || node.withinGroup !== undefined || node.filter !== undefined || node.orderBy
    ) {
      throw refused(this.#scope, `${name} takes arguments alone`);
    }
    if (node.distinct && name !== "count") throw refused(this.#scope, `${name} takes no DISTINCT`);
    const args = node.arguments.map(({ value }) => this.read(value));
    const nested = args.some(({ aggregate }) => aggregate);
    const aggregate = CHART_AGGREGATES.get(name);
    if (aggregate !== undefined) {
      if (nested) throw refused(this.#scope, `${name} takes no aggregate inside`);
      return { ...this.#aggregate(name, aggregate, node, args), aggregate: true };
    }
    return { ...this.#function(name, args), aggregate: nested };
  }

  #aggregate(
    name: string,
    rule: ChartAggregate,
    node: FunctionCall,
    args: readonly Typed[],
  ): Omit<Typed, "aggregate"> {
    if (name === "count" && (node.star || args.length === 0)) {
      return {
        value: new Scalar({ kind: "call", name: [{ name: "count" }], arguments: [], star: true }),
        type: BIGINT,
      };
    }
    this.#count(name, args, rule.arity);
    const values = args.map(({ value }) => value);
    const value = node.distinct ? distinctCount(values[0]!) : rule.make(values);
    return { value, type: rule.type === "argument" ? args[0]!.type : rule.type };
  }

  #function(name: string, args: readonly Typed[]): Omit<Typed, "aggregate"> {
    const { timeZone } = this.#scope;
    const [first] = args;
    const unit = TIME_UNITS.find((each) => each === name);
    if (unit !== undefined) {
      this.#count(name, args, 1);
      return { value: this.#cut(first!, unit), type: CUT_TYPE };
    }
    const part = TIME_PARTS.get(name);
    if (part !== undefined) {
      this.#count(name, args, 1);
      return { value: partScalar(first!.value, part, { type: first!.type, timeZone }), type: INTEGER };
    }
    const cycle = TIME_CYCLES.get(name);
    if (cycle !== undefined) {
      this.#count(name, args, 1);
      return { value: cycleScalar(first!.value, cycle, { type: first!.type, timeZone }), type: DATE };
    }
    if (name === "bin") {
      this.#count(name, args, 2);
      const width = args[1]!.value;
      return { value: call("floor", quotient(first!.value, width)).times(width), type: DOUBLE };
    }
    const plain = FUNCTIONS.get(name);
    if (plain === undefined) {
      throw new QueryError("unknown-function", `Unknown function "${name}" at ${this.#scope.path}`, {
        details: { path: this.#scope.path, function: name },
        hint: suggestion(name, [
          ...CHART_AGGREGATES.keys(),
          ...TIME_UNITS,
          ...TIME_PARTS.keys(),
          ...FUNCTIONS.keys(),
        ]) ??
          "see chart_expression.ts for the functions",
      });
    }
    if (args.length === 0) this.#count(name, args, 1);
    return {
      value: call(name, ...args.map(({ value }) => value)),
      type: plain === "argument" ? first!.type : plain,
    };
  }

  #cut({ value, type }: Typed, unit: TimeGranularity): Scalar {
    return cutScalar(value, unit, { type, timeZone: this.#scope.timeZone });
  }

  #count(name: string, args: readonly Typed[], arity: number): void {
    if (args.length === arity) return;
    throw refused(
      this.#scope,
      `${name} takes ${arity} argument${arity === 1 ? "" : "s"}: received ${args.length}`,
    );
  }
}

const FUNCTIONS: ReadonlyMap<string, SqlType | "argument"> = new Map<string, SqlType | "argument">([
  ["abs", DOUBLE],
  ["round", DOUBLE],
  ["floor", DOUBLE],
  ["ceil", DOUBLE],
  ["ln", DOUBLE],
  ["sqrt", DOUBLE],
  ["lower", TEXT],
  ["upper", TEXT],
  ["coalesce", "argument"],
]);
