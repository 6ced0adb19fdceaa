/**
 * Accumulators of maintained groups: the state of one aggregate for all groups, to which rows are added and from
 * which they are taken back.
 *
 * | accumulator | for | a row costs |
 * |---|---|---|
 * | count | count | O(1) |
 * | whole sum | sum, avg of whole numbers | O(1) |
 * | double sum | sum, avg of doubles | O(1) |
 * | extreme | min, max | O(1); O(values of the group) when the best one goes |
 * | distinct | any of these with DISTINCT | O(1) more |
 * | row-wise | what else can take rows back | O(1) |
 * | counted | what cannot | O(values of the group) a changed group |
 *
 * @module
 */
import type { DenseVector } from "../../exec/vector_build.ts";
import type { Datum } from "../../storage/sql_type.ts";

/** One aggregate over all groups; groups are dense ids. */
export interface GroupAccumulator {
  readonly stateBytes: number;
  /** Makes room for groups below `groupCount`. */
  reserve(groupCount: number): void;
  /** Adds row `i` `weights[i]` times to group `ids[i]`, for `size` rows. */
  add(ids: Int32Array, args: readonly DenseVector[], weights: Int32Array, size: number): void;
  /** The aggregate of a group. */
  value(group: number): Datum;
  /** The group has no rows any more. */
  clear(group: number): void;
  /** Gives the groups `groups` the ids from 0 on; the others are gone. */
  renumber(groups: Int32Array): void;
}
