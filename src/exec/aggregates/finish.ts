/**
 * From exact sums and counts to the values of sum and avg. Batch and incremental execution share them, so that
 * they agree to the last bit.
 *
 * @module
 */
import type { ExactSums } from "../../base/exact_sum.ts";
import type { WholeNumber } from "../../query/functions/datum.ts";
import { divideNumeric, numericFromWhole, numericOverflow } from "../../query/functions/numeric_value.ts";
import { divideWhole } from "../../query/functions/whole_division.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";

/** avg of whole numbers in units of 10^-scale: a NUMERIC; NULL for none. */
export function wholeAverage(sum: WholeNumber, scale: number, count: number): Datum {
  if (count === 0) return null;
  const quotient = typeof sum === "number" ? divideWhole(sum, scale, count) : undefined;
  return quotient ?? divideNumeric(numericFromWhole(sum, scale), numericFromWhole(count));
}

/** sum of doubles, rounded once. Throws a QueryError `numeric-overflow` when finite values add up to infinity. */
export function doubleSum(sums: ExactSums, group: number, type: SqlType): number {
  const total = sums.value(group);
  const value = type.kind === "real" ? Math.fround(total) : total;
  if (!Number.isFinite(value) && !sums.hasSpecial(group)) {
    throw numericOverflow("an overflow", "DOUBLE PRECISION");
  }
  return value;
}

/** avg of `count` doubles, at least one: the double nearest to the exact quotient. */
export function doubleAverage(sums: ExactSums, group: number, count: number): number {
  return sums.quotient(group, count);
}
