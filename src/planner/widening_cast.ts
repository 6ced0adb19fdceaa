/**
 * Comparisons of a widened column with a constant, as comparisons of the column itself.
 *
 * `CAST(d AS TIMESTAMP) < '1995-01-01 00:00'` is `d < DATE '1995-01-01'`, and a small integer widened to BIGINT
 * compares with the constant in its own type. The plain form uses zone maps and statistics.
 *
 * @module
 */
import { BOOLEAN, type Datum, type SqlType } from "../storage/sql_type.ts";
import type { Scalar } from "../query/plan.ts";
import { call, type Comparison, type ComparisonOperator, literal } from "./scalar.ts";

const DAY_MICROS = 86_400_000_000;
/** Largest absolute value by kind. */
const INTEGER_MAX: Readonly<Partial<Record<SqlType["kind"], number>>> = {
  smallint: 32_767,
  integer: 2_147_483_647,
};

/** `comparison` without the cast on its left side; undefined when it has none that can go. */
export function withoutWidening(comparison: Comparison): Scalar | undefined {
  const { left, right, operator } = comparison;
  if (left.kind !== "cast" || left.tolerant || right.kind !== "literal") return undefined;
  const from = left.argument.type;
  if (from.kind === "date" && left.type.kind === "timestamp" && right.type.kind === "timestamp") {
    return dateComparison(left.argument, operator, right.value);
  }
  const max = INTEGER_MAX[from.kind];
  const wider = left.type.kind === "integer" || left.type.kind === "bigint";
  if (max === undefined || !wider || right.type.kind !== left.type.kind) return undefined;
  const fits = typeof right.value === "number" && Math.abs(right.value) <= max;
  return fits ? call(operator, [left.argument, literal(right.value, from)], BOOLEAN) : undefined;
}

function dateComparison(date: Scalar, operator: ComparisonOperator, value: Datum): Scalar | undefined {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) return undefined;
  const day = Math.floor(value / DAY_MICROS);
  const midnight = day * DAY_MICROS === value;
  const compare = (name: ComparisonOperator): Scalar => call(name, [date, literal(day, date.type)], BOOLEAN);
  if (midnight) return compare(operator);
  switch (operator) {
    case "<":
    case "<=":
      return compare("<=");
    case ">":
    case ">=":
      return compare(">");
    case "=":
    case "<>":
      return undefined;
  }
}
