/**
 * Accumulators of maintained groups: state over all groups, to which rows are added and from which they are
 * taken back.
 *
 * | accumulator | for | a row costs |
 * |---|---|---|
 * | row count | count, and whether there is a value at all | O(1) |
 * | whole sum | sum, avg of whole numbers | O(1) |
 * | double sum | sum, avg of doubles | O(1) |
 * | extreme values | min, max | O(log values of the group), and a move of some |
 * | ordered values | percentiles, median, mode | O(log values of the group) |
 * | ordered rows | what lists rows or picks one: array_agg, string_agg, first, max_by | O(log rows of the group) |
 * | row-wise | what else can take rows back | O(1) |
 * | distinct | any of these with DISTINCT | O(1) more |
 *
 * Calls over the same arguments share them: sum, avg and count need one sum and one count between them.
 *
 * @module
 */
import type { DenseVector } from "../../exec/vector_build.ts";

/** State over all groups; groups are dense ids. */
export interface GroupAccumulator {
  readonly stateBytes: number;
  /** Items of its own structures that it has looked at. */
  readonly examined: number;
  /** Makes room for groups below `groupCount`. */
  reserve(groupCount: number): void;
  /** Adds row `i` `weights[i]` times to group `ids[i]`, for `size` rows. */
  add(ids: Int32Array, args: readonly DenseVector[], weights: Int32Array, size: number): void;
  /** The group has no rows any more. */
  clear(group: number): void;
  /** Gives the groups `groups` the ids from 0 on; the others are gone. */
  renumber(groups: Int32Array): void;
}

/** The values of an aggregate for the first `count` of `groups`, in a vector that holds until the next call. */
export type GroupReader = (groups: Int32Array, count: number) => DenseVector;
