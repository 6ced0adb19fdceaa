/**
 * Plans as text, for EXPLAIN and tests: an indented tree with expressions in SQL-like form.
 *
 * ```
 *   project name#2, count#5
 *     aggregate by name#2: count(*) as count#5
 *       scan customers [id#1, name#2]
 * ```
 *
 * A column is written `name#id`; with `ids: false` just `name`.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import { type Datum, type SqlType, typeName } from "../storage/sql_type.ts";
import { formatDatum } from "./functions/text_format.ts";
import type {
  AggregateCall,
  FrameBoundPlan,
  JoinPlan,
  Plan,
  PlanColumn,
  Scalar,
  SortKey,
  SubqueryScalar,
  WindowCall,
  WindowFramePlan,
} from "./plan.ts";

/** How to write a plan. */
export interface PlanTextOptions {
  /** Writes the id of every column after its name; on by default. */
  readonly ids?: boolean;
}

/** `plan` as an indented tree, one node a line, without a newline at the end. */
export function planToText(plan: Plan, options: PlanTextOptions = {}): string {
  return new PlanText(options).plan(plan, "").join("\n");
}

/** `scalar` as SQL-like text. Plans of subqueries are written in place, on one line. */
export function scalarToText(scalar: Scalar, options: PlanTextOptions = {}): string {
  return new PlanText(options).scalar(scalar);
}

const INFIX = /^(?:[^a-z_ ]+|like|ilike|similar|overlaps|is distinct from|is not distinct from)$/;

class PlanText {
  readonly #ids: boolean;

  constructor({ ids = true }: PlanTextOptions) {
    this.#ids = ids;
  }

  #column({ name, id }: { readonly name: string; readonly id: number }): string {
    return this.#ids ? `${name}#${id}` : name;
  }

  #columns(columns: readonly PlanColumn[]): string {
    return columns.map((column) => this.#column(column)).join(", ");
  }

  /** The lines of a node and of all below it. */
  plan(plan: Plan, indent: string): string[] {
    const below = (...inputs: readonly Plan[]): string[] =>
      inputs.flatMap((input) => this.plan(input, `${indent}  `));
    const line = (text: string): string => indent + text;
    switch (plan.kind) {
      case "scan": {
        const alias = plan.alias === plan.table ? "" : ` as ${plan.alias}`;
        const rowId = plan.rowId === undefined ? [] : [plan.rowId];
        const version = plan.version === undefined ? "" : ` at version ${plan.version}`;
        return [line(`scan ${plan.table}${version}${alias} [${this.#columns([...plan.columns, ...rowId])}]`)];
      }
      case "values":
        return [
          line(
            `values [${this.#columns(plan.columns)}] ${
              plan.rows.map((row) => `(${this.#list(row)})`).join(", ")
            }`,
          ),
        ];
      case "filter":
        return [line(`filter ${this.scalar(plan.predicate)}`), ...below(plan.input)];
      case "project":
        return [
          line(`project ${plan.items.map((item) => this.#item(item)).join(", ")}`),
          ...below(plan.input),
        ];
      case "join":
        return [line(this.#join(plan)), ...below(plan.left, plan.right)];
      case "aggregate":
        return [line(this.#aggregate(plan)), ...below(plan.input)];
      case "window":
        return [
          line(`window ${plan.calls.map((call) => this.#window(call)).join(", ")}`),
          ...below(plan.input),
        ];
      case "distinct": {
        const { on } = plan;
        const order = on === undefined || on.orderBy.length === 0
          ? ""
          : ` order by ${this.#keys(on.orderBy)}`;
        return [
          line(on === undefined ? "distinct" : `distinct on (${this.#list(on.keys)})${order}`),
          ...below(plan.input),
        ];
      }
      case "setOperation": {
        const all = plan.all ? " all" : "";
        return [
          line(`${plan.operator}${all} [${this.#columns(plan.columns)}]`),
          ...below(plan.left, plan.right),
        ];
      }
      case "sort":
        return [line(`sort ${this.#keys(plan.keys)}`), ...below(plan.input)];
      case "limit": {
        const parts = [
          plan.limit === null ? "" : ` ${this.scalar(plan.limit)}`,
          plan.withTies === undefined ? "" : ` with ties by ${this.#keys(plan.withTies)}`,
          plan.offset === null ? "" : ` offset ${this.scalar(plan.offset)}`,
        ];
        return [line(`limit${parts.join("")}`), ...below(plan.input)];
      }
      case "tableFunction":
        return [line(this.#tableFunction(plan)), ...below(plan.input)];
      case "with":
        return [
          line("with"),
          ...plan.tables.flatMap((table) => [
            `${indent}  table ${table.name}@${table.cte}`,
            ...this.plan(table.plan, `${indent}    `),
          ]),
          ...below(plan.input),
        ];
      case "cteScan":
        return [line(`scan of table ${plan.name}@${plan.cte} [${this.#columns(plan.columns)}]`)];
      case "fixpoint": {
        const all = plan.all ? " all" : "";
        return [
          line(`fixpoint${all} @${plan.cte} [${this.#columns(plan.columns)}]`),
          ...below(plan.base, plan.step),
        ];
      }
      case "sample": {
        const seed = plan.seed === null ? "" : ` seed ${this.scalar(plan.seed)}`;
        return [line(`sample ${plan.method} ${this.scalar(plan.amount)}${seed}`), ...below(plan.input)];
      }
      default:
        return unreachable(plan);
    }
  }

  #item(item: PlanColumn & { readonly expression: Scalar }): string {
    const { expression } = item;
    if (expression.kind === "column" && expression.id === item.id && expression.name === item.name) {
      return this.#column(item);
    }
    return `${this.scalar(expression)} as ${this.#column(item)}`;
  }

  #join({ join, condition, lateral, asof, mark }: JoinPlan): string {
    const word = condition === null && join === "inner" && asof === undefined ? "cross" : join;
    const on = condition === null ? "" : ` on ${this.scalar(condition)}`;
    const nearest = asof === undefined
      ? ""
      : ` nearest ${this.scalar(asof.left)} ${asof.operator} ${this.scalar(asof.right)}`;
    const marked = mark === undefined ? "" : ` as ${this.#column(mark)}`;
    return `${lateral ? "lateral " : ""}${word} join${nearest}${on}${marked}`;
  }

  #aggregate(plan: Plan & { readonly kind: "aggregate" }): string {
    const groups = plan.groups.map((group) => this.#item(group)).join(", ");
    const sets = plan.sets === undefined
      ? ""
      : ` sets ${plan.sets.map((set) => `(${set.join(", ")})`).join(", ")}`;
    const calls = plan.aggregates.map((call) => `${this.#aggregateCall(call)} as ${this.#column(call)}`);
    const grouping = (plan.grouping ?? []).map((one) =>
      `grouping(${one.groups.join(", ")}) as ${this.#column(one)}`
    );
    const by = plan.groups.length === 0 ? "" : ` by ${groups}`;
    const computed = [...calls, ...grouping].join(", ");
    return `aggregate${by}${sets}${computed === "" ? "" : `: ${computed}`}`;
  }

  #aggregateCall(call: AggregateCall): string {
    const distinct = call.distinct ? "distinct " : "";
    const args = call.function === "count" && call.arguments.length === 0 ? "*" : this.#list(call.arguments);
    const order = call.orderBy.length === 0 ? "" : ` order by ${this.#keys(call.orderBy)}`;
    const filter = call.filter === null ? "" : ` filter (${this.scalar(call.filter)})`;
    return `${call.function}(${distinct}${args}${order})${filter}`;
  }

  #window(call: WindowCall): string {
    const distinct = call.distinct ? "distinct " : "";
    const args = call.function === "count" && call.arguments.length === 0 ? "*" : this.#list(call.arguments);
    const filter = call.filter === null ? "" : ` filter (${this.scalar(call.filter)})`;
    const nulls = call.ignoreNulls ? " ignore nulls" : "";
    const over = [
      call.partitionBy.length === 0 ? "" : `partition by ${this.#list(call.partitionBy)}`,
      call.orderBy.length === 0 ? "" : `order by ${this.#keys(call.orderBy)}`,
      this.#frame(call.frame),
    ].filter((part) => part !== "").join(" ");
    return `${call.function}(${distinct}${args})${filter}${nulls} over (${over}) as ${this.#column(call)}`;
  }

  /** The frame, unless it is the whole partition. */
  #frame({ unit, start, end, exclude }: WindowFramePlan): string {
    const whole = start.kind === "unboundedPreceding" && end.kind === "unboundedFollowing";
    if (whole && exclude === "no others") return "";
    const excluded = exclude === "no others" ? "" : ` exclude ${exclude}`;
    return `${unit} ${this.#bound(start)}..${this.#bound(end)}${excluded}`;
  }

  #bound({ kind, offset }: FrameBoundPlan): string {
    const value = offset === undefined ? "" : `${this.scalar(offset)} `;
    switch (kind) {
      case "unboundedPreceding":
        return "unbounded preceding";
      case "preceding":
        return `${value}preceding`;
      case "currentRow":
        return "current row";
      case "following":
        return `${value}following`;
      case "unboundedFollowing":
        return "unbounded following";
      default:
        return unreachable(kind);
    }
  }

  #tableFunction(plan: Plan & { readonly kind: "tableFunction" }): string {
    const calls = plan.calls.map((call) => `${call.function}(${this.#list(call.arguments)})`).join(", ");
    const ordinality = plan.ordinality ? " with ordinality" : "";
    return `${plan.outer ? "outer " : ""}call ${calls}${ordinality} [${this.#columns(plan.columns)}]`;
  }

  #keys(keys: readonly SortKey[]): string {
    return keys.map(({ expression, descending, nullsFirst }) => {
      const nulls = nullsFirst === descending ? "" : nullsFirst ? " nulls first" : " nulls last";
      return `${this.scalar(expression)}${descending ? " desc" : ""}${nulls}`;
    }).join(", ");
  }

  #list(scalars: readonly Scalar[]): string {
    return scalars.map((scalar) => this.scalar(scalar)).join(", ");
  }

  /** An expression; one that is part of another is in parentheses where that tells them apart. */
  scalar(scalar: Scalar): string {
    switch (scalar.kind) {
      case "column":
        return this.#column(scalar);
      case "literal":
        return literalToText(scalar.value, scalar.type);
      case "parameter":
        return `$${scalar.index + 1}`;
      case "call":
        return this.#call(scalar.name, scalar.arguments);
      case "cast":
        return `${scalar.tolerant ? "try_" : ""}cast(${this.scalar(scalar.argument)} as ${
          typeName(scalar.type).toLowerCase()
        })`;
      case "and":
      case "or":
        return scalar.arguments.map((one) => this.#operand(one)).join(` ${scalar.kind} `);
      case "not":
        return `not ${this.#operand(scalar.argument)}`;
      case "isNull":
        return `${this.#operand(scalar.argument)} is ${scalar.negated ? "not " : ""}null`;
      case "inList":
        return `${this.#operand(scalar.argument)} in (${this.#list(scalar.items)})`;
      case "case": {
        const branches = scalar.branches.map(({ when, then }) =>
          `when ${this.scalar(when)} then ${this.scalar(then)}`
        );
        return `case ${branches.join(" ")} else ${this.scalar(scalar.otherwise)} end`;
      }
      case "coalesce":
        return `coalesce(${this.#list(scalar.arguments)})`;
      case "subquery":
        return this.#subquery(scalar);
      default:
        return unreachable(scalar);
    }
  }

  #call(name: string, args: readonly Scalar[]): string {
    const [left, right] = args;
    if (left !== undefined && right !== undefined && args.length === 2 && INFIX.test(name)) {
      return `${this.#operand(left)} ${name} ${this.#operand(right)}`;
    }
    if (name === "negate" && left !== undefined) return `-${this.#operand(left)}`;
    return `${name}(${this.#list(args)})`;
  }

  #operand(scalar: Scalar): string {
    const text = this.scalar(scalar);
    const compound = scalar.kind === "and" || scalar.kind === "or" || scalar.kind === "not" ||
      scalar.kind === "isNull" || scalar.kind === "inList" ||
      (scalar.kind === "call" && scalar.arguments.length === 2 && INFIX.test(scalar.name));
    return compound ? `(${text})` : text;
  }

  #subquery({ form, plan }: SubqueryScalar): string {
    const lines = this.plan(plan, "").map((line) => line.trim()).join("; ");
    switch (form.kind) {
      case "scalar":
        return `(subquery: ${lines})`;
      case "exists":
        return `exists (subquery: ${lines})`;
      case "array":
        return `array(subquery: ${lines})`;
      case "quantified":
        return `${form.quantifier} (${this.scalar(form.comparison)} in subquery: ${lines})`;
      default:
        return unreachable(form);
    }
  }
}

/** A value as a SQL literal. */
export function literalToText(value: Datum, type: SqlType): string {
  if (value === null) return "null";
  switch (type.kind) {
    case "boolean":
      return value === true ? "true" : "false";
    case "smallint":
    case "integer":
    case "bigint":
    case "decimal":
    case "numeric":
    case "real":
    case "double":
      return formatDatum(value, type);
    case "date":
    case "time":
    case "timestamp":
    case "timestamptz":
    case "interval":
      return `${type.kind} ${quoted(formatDatum(value, type))}`;
    case "text":
    case "json":
    case "null":
    case "array":
      return quoted(formatDatum(value, type));
    default:
      return unreachable(type);
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
