/**
 * Order of rows that are equal in all sort keys, by further columns: ascending, NULLs last, and values that are
 * equal and look different by their looks. The columns are read where they decide, and no sooner.
 *
 * @module
 */
import { compareDatums } from "../../query/functions/compare.ts";
import { hasForms, identityKey } from "../../query/functions/identity.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import { datumAt } from "../vector_read.ts";
import type { CompareRows } from "./sort_order.ts";

/** A column that decides ties. */
export interface TieColumn {
  /** Where it stands in the input. */
  readonly position: number;
  readonly type: SqlType;
}

/** The order of two values of a column that decides ties; 0 for values that look the same. */
export function compareTied(a: Datum, b: Datum, type: SqlType): number {
  const order = compareDatums(a, b, type);
  if (order !== 0 || a === null || !hasForms(type)) return order;
  const left = String(identityKey(a, type));
  const right = String(identityKey(b, type));
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Compares rows by `compare` and then by `ties`, whose values `column` gives by position. */
export function withTies(
  compare: CompareRows,
  ties: readonly TieColumn[],
  column: (position: number) => Vector,
): CompareRows {
  if (ties.length === 0) return compare;
  let vectors: readonly Vector[] | undefined;
  return (a, b) => {
    const order = compare(a, b);
    if (order !== 0) return order;
    vectors ??= ties.map(({ position }) => column(position));
    for (let j = 0; j < ties.length; j++) {
      const vector = vectors[j]!;
      const decided = compareTied(datumAt(vector, a), datumAt(vector, b), ties[j]!.type);
      if (decided !== 0) return decided;
    }
    return 0;
  };
}
