/**
 * The zone map that a segment column keeps: bounds that only widen until the column is rewritten.
 *
 * A NaN makes the upper bound NaN, because NaN is the greatest value: `zone.max < x` is then false, so nobody
 * prunes wrongly. Adding is O(1).
 *
 * @module
 */
import type { ZoneMap } from "./table_view.ts";

/** A {@linkcode ZoneMap} that can take in values. */
export class ColumnZone implements ZoneMap {
  /** Bounds of the values that are not NaN; `low > high` while there is none. */
  low = Infinity;
  high = -Infinity;
  hasNaN = false;
  nullCount = 0;
  monotone = true;

  get min(): number | undefined {
    if (this.low <= this.high) return this.low;
    return this.hasNaN ? NaN : undefined;
  }

  get max(): number | undefined {
    if (this.hasNaN) return NaN;
    return this.low <= this.high ? this.high : undefined;
  }

  /** Widens the bounds by `value`. */
  add(value: number): void {
    if (value < this.low) this.low = value;
    if (value > this.high) this.high = value;
    if (value !== value) this.hasNaN = true;
  }

  /** Widens the bounds by those of `bounds`. */
  addBounds(bounds: Bounds): void {
    if (bounds.low < this.low) this.low = bounds.low;
    if (bounds.high > this.high) this.high = bounds.high;
    if (bounds.hasNaN) this.hasNaN = true;
  }

  /** Takes NULL in, which ends monotony. */
  addNulls(count: number): void {
    if (count === 0) return;
    this.nullCount += count;
    this.monotone = false;
  }

  copy(): ColumnZone {
    const copy = new ColumnZone();
    copy.low = this.low;
    copy.high = this.high;
    copy.hasNaN = this.hasNaN;
    copy.nullCount = this.nullCount;
    copy.monotone = this.monotone;
    return copy;
  }
}

/** What one pass over a range of numbers finds. Elements under a NULL are skipped. */
export interface Bounds {
  low: number;
  high: number;
  hasNaN: boolean;
  /** A value is not a whole number. */
  hasFraction: boolean;
  /** Values do not decrease and none is NULL. */
  monotone: boolean;
}

/** Bounds of nothing, to be filled by the kernels. */
export function emptyBounds(): Bounds {
  return { low: Infinity, high: -Infinity, hasNaN: false, hasFraction: false, monotone: true };
}
