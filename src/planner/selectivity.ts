/**
 * Selectivity: the part of the rows that a condition keeps, from what is known of the columns.
 *
 * @module
 */
import type { ColumnId, Scalar } from "../query/plan.ts";
import { freeColumns, splitConjuncts } from "../query/plan_walk.ts";
import type { Datum, SqlType } from "../storage/sql_type.ts";
import { type Comparison, comparisonOf, MIRRORED, NOT_DISTINCT } from "./scalar.ts";

/** What is expected of a column's values. */
export interface ColumnEstimate {
  readonly distinct: number;
  /** Part of the rows that is NULL. */
  readonly nulls?: number;
  /** Bounds on a numeric scale, see {@linkcode datumNumber}. */
  readonly min?: number;
  readonly max?: number;
  /** The result of an aggregate: conditions on it (HAVING) are mostly selective. */
  readonly aggregated?: boolean;
}

export type ColumnEstimates = ReadonlyMap<ColumnId, ColumnEstimate>;

const UNKNOWN_EQUALITY = 0.05;
const UNKNOWN_RANGE = 1 / 3;
const UNKNOWN_CONDITION = 1 / 3;
const AGGREGATE_RANGE = 0.1;
const PREFIX_PATTERN = 0.02;
const INNER_PATTERN = 0.08;

const DAY_MICROS = 86_400_000_000;

/** The value on a scale on which values of comparable types compare as numbers; undefined when there is none. */
export function datumNumber(value: Datum, type: SqlType): number | undefined {
  if (value === null) return undefined;
  if (typeof value === "number" || typeof value === "bigint") {
    if (type.kind === "decimal") return Number(value) / 10 ** type.scale;
    return type.kind === "date" ? Number(value) * DAY_MICROS : Number(value);
  }
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "string") return type.kind === "text" ? textNumber(value) : undefined;
  if ("coefficient" in value) {
    return value.special === undefined ? Number(value.coefficient) / 10 ** value.scale : undefined;
  }
  return undefined;
}

/** The first characters as digits of a number. */
function textNumber(text: string): number {
  let result = 0;
  for (let i = 0; i < 6; i++) result = result * 128 + Math.min(i < text.length ? text.charCodeAt(i) : 0, 127);
  return result;
}

/** The part of the rows that satisfies all of `conjuncts`. */
export function selectivity(conjuncts: readonly Scalar[], columns: ColumnEstimates): number {
  const ranges = new Map<ColumnId, Comparison[]>();
  const parts: number[] = [];
  for (const conjunct of conjuncts) {
    const range = rangeOf(conjunct, columns);
    if (range === undefined) {
      parts.push(selectivityOf(conjunct, columns));
      continue;
    }
    const [id, comparison] = range;
    const known = ranges.get(id);
    if (known === undefined) ranges.set(id, [comparison]);
    else known.push(comparison);
  }
  for (const [id, comparisons] of ranges) parts.push(rangePart(columns.get(id), comparisons));
  // Conditions on one table are rarely independent: each further one counts a little less.
  return parts.sort((a, b) => a - b).reduce(
    (product, part, index) => product * part ** (1 / (1 + index / 8)),
    1,
  );
}

/** A comparison of a column, whose bounds are known, with a constant. */
function rangeOf(scalar: Scalar, columns: ColumnEstimates): [ColumnId, Comparison] | undefined {
  const comparison = columnFirst(comparisonOf(scalar));
  if (comparison === undefined || comparison.left.kind !== "column" || comparison.right.kind !== "literal") {
    return undefined;
  }
  if (comparison.operator === "=" || comparison.operator === "<>") return undefined;
  const column = columns.get(comparison.left.id);
  if (column?.min === undefined || column.max === undefined) return undefined;
  return datumNumber(comparison.right.value, comparison.right.type) === undefined
    ? undefined
    : [comparison.left.id, comparison];
}

function columnFirst(comparison: Comparison | undefined): Comparison | undefined {
  if (comparison === undefined || comparison.left.kind === "column") return comparison;
  return { operator: MIRRORED[comparison.operator], left: comparison.right, right: comparison.left };
}

/** The part of a column's values between all the bounds that `comparisons` set. */
function rangePart(column: ColumnEstimate | undefined, comparisons: readonly Comparison[]): number {
  if (column?.min === undefined || column.max === undefined) return UNKNOWN_RANGE;
  const { low, high } = boundsOf(column.min, column.max, comparisons);
  const width = column.max - column.min;
  const part = width <= 0 ? (low <= high ? 1 : 0) : (high - low) / width;
  // Doubles may be infinite, and NaN.
  if (!Number.isFinite(width) || !Number.isFinite(part)) return UNKNOWN_RANGE;
  return Math.min(1, Math.max(part, 1 / Math.max(column.distinct, 1))) * (1 - (column.nulls ?? 0));
}

function boundsOf(
  min: number,
  max: number,
  comparisons: readonly Comparison[],
): { readonly low: number; readonly high: number } {
  let low = min;
  let high = max;
  for (const { operator, right } of comparisons) {
    const value = right.kind === "literal" ? datumNumber(right.value, right.type) : undefined;
    if (value === undefined) continue;
    if (operator === ">" || operator === ">=") low = Math.max(low, value);
    if (operator === "<" || operator === "<=") high = Math.min(high, value);
  }
  return { low, high };
}

/** The part of the rows that satisfies `scalar`. */
export function selectivityOf(scalar: Scalar, columns: ColumnEstimates): number {
  switch (scalar.kind) {
    case "literal":
      return scalar.value === true ? 1 : 0;
    case "and":
      return selectivity(splitConjuncts(scalar), columns);
    case "or":
      return 1 - scalar.arguments.reduce((none, each) => none * (1 - selectivityOf(each, columns)), 1);
    case "not":
      return 1 - selectivityOf(scalar.argument, columns);
    case "isNull": {
      const nulls = scalar.argument.kind === "column" ? columns.get(scalar.argument.id)?.nulls ?? 0 : 0.05;
      return scalar.negated ? 1 - nulls : nulls;
    }
    case "inList": {
      const distinct = distinctOf(scalar.argument, columns, Infinity);
      const each = Number.isFinite(distinct) ? 1 / distinct : UNKNOWN_EQUALITY;
      return Math.min(1, scalar.items.length * each);
    }
    case "call":
      return callSelectivity(scalar, columns);
    case "column":
      return 0.5;
    default:
      return UNKNOWN_CONDITION;
  }
}

function callSelectivity(scalar: Scalar & { readonly kind: "call" }, columns: ColumnEstimates): number {
  const comparison = columnFirst(comparisonOf(scalar));
  if (comparison !== undefined) return comparisonSelectivity(comparison, columns);
  switch (scalar.name) {
    case NOT_DISTINCT:
      return equalityPart(scalar.arguments[0]!, scalar.arguments[1]!, columns);
    case "like":
    case "ilike":
      return patternPart(scalar);
    case "not like":
    case "not ilike":
      return 1 - patternPart(scalar);
    default:
      return UNKNOWN_CONDITION;
  }
}

function patternPart(scalar: Scalar & { readonly kind: "call" }): number {
  const pattern = scalar.arguments[1];
  const text = pattern?.kind === "literal" && typeof pattern.value === "string" ? pattern.value : "%";
  return text.startsWith("%") || text.startsWith("_") ? INNER_PATTERN : PREFIX_PATTERN;
}

function comparisonSelectivity(comparison: Comparison, columns: ColumnEstimates): number {
  const { operator, left, right } = comparison;
  if (operator === "=") return equalityPart(left, right, columns);
  if (operator === "<>") return 1 - equalityPart(left, right, columns);
  const estimate = left.kind === "column" ? columns.get(left.id) : undefined;
  if (estimate?.aggregated === true) return AGGREGATE_RANGE;
  return right.kind === "literal" ? rangePart(estimate, [comparison]) : UNKNOWN_RANGE;
}

function equalityPart(left: Scalar, right: Scalar, columns: ColumnEstimates): number {
  const distinct = Math.max(...[left, right].map((side) => {
    const known = freeColumns(side).size === 0 ? 1 : distinctOf(side, columns, Infinity);
    return Number.isFinite(known) ? known : 1 / UNKNOWN_EQUALITY;
  }));
  const column = left.kind === "column" ? columns.get(left.id) : undefined;
  const value = right.kind === "literal" ? datumNumber(right.value, right.type) : undefined;
  const outside = value !== undefined && column?.min !== undefined && column.max !== undefined &&
    (value < column.min || value > column.max);
  return outside ? 0 : (1 - (column?.nulls ?? 0)) / Math.max(distinct, 1);
}

/** The number of values that `scalar` takes over a domain, at most `limit`. */
export function distinctOf(scalar: Scalar, columns: ColumnEstimates, limit: number): number {
  if (scalar.kind === "column") return Math.max(1, columns.get(scalar.id)?.distinct ?? limit);
  if (scalar.kind === "call" && (scalar.name === "extract" || scalar.name === "date_part")) {
    return Math.min(12, limit);
  }
  let distinct = 1;
  for (const id of freeColumns(scalar)) distinct *= columns.get(id)?.distinct ?? limit;
  return Math.max(1, Math.min(distinct, limit));
}

/** The columns as they are where all of `conjuncts` hold. */
export function narrowed(conjuncts: readonly Scalar[], columns: ColumnEstimates): ColumnEstimates {
  let result: Map<ColumnId, ColumnEstimate> | undefined;
  const set = (id: ColumnId, estimate: ColumnEstimate): void => {
    result ??= new Map(columns);
    result.set(id, estimate);
  };
  for (const conjunct of conjuncts) {
    if (conjunct.kind === "inList" && conjunct.argument.kind === "column") {
      const known = columns.get(conjunct.argument.id);
      const distinct = Math.min(known?.distinct ?? Infinity, conjunct.items.length);
      set(conjunct.argument.id, { ...known, distinct: Math.max(1, distinct) });
      continue;
    }
    const comparison = columnFirst(comparisonOf(conjunct));
    if (comparison === undefined || comparison.left.kind !== "column") continue;
    const id = comparison.left.id;
    const known = (result ?? columns).get(id);
    if (known === undefined || freeColumns(comparison.right).size > 0) continue;
    if (comparison.operator === "=") {
      set(id, { ...known, distinct: 1 });
    } else if (known.min !== undefined && known.max !== undefined && comparison.operator !== "<>") {
      const part = rangePart(known, [comparison]);
      const { low, high } = boundsOf(known.min, known.max, [comparison]);
      set(id, { ...known, distinct: Math.max(1, known.distinct * part), min: low, max: high });
    }
  }
  return result ?? columns;
}
