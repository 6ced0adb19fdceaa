/**
 * Left, right, full, single, semi, anti and mark joins by keys alone: whether a row has a match depends on the
 * number of rows with its key on the other side.
 *
 * ```
 * change of other side ─► counts ─► keys that got their first or lost their last row ─► own rows with them: - and +
 * change of own side ─► does its key have rows? ─► the row, or the row with NULLs
 * both ─► inner join                                                      (left, right, full, single)
 * ```
 *
 * A changed row costs its matches; in semi, anti and mark joins one look at the count of its key, unless that
 * crosses zero. NULL keys match nothing. The rows of tables are found by the table's own index.
 *
 * NOT IN, a mark join by one key that may be NULL, also counts the rows of the other side and those among them
 * without a key: when the first such row comes or the last one goes, all own rows are looked at.
 *
 * @module
 */
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { compileScalars, type ProjectionEvaluator } from "../../exec/expression/compile.ts";
import { gatherVector } from "../../exec/gather_vector.ts";
import { materialize } from "../../exec/materialize.ts";
import { severalRows } from "../../exec/operators/hash_join_probe.ts";
import { splitCondition } from "../../exec/physical_join.ts";
import type { Span } from "../../query/ast.ts";
import type { JoinPlan, PlanColumn, Scalar } from "../../query/plan.ts";
import { planColumns, splitConjuncts } from "../../query/plan_walk.ts";
import { RowPairs } from "../../storage/row_pairs.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import type { CircuitNode } from "../circuit_node.ts";
import { type Delta, sumOfDeltas } from "../delta.ts";
import {
  holdsJson,
  type JoinAccess,
  type JoinEnvironment,
  JoinInput,
  StoredAccess,
} from "../join/join_side.ts";
import { DeltaSource } from "../join/join_source.ts";
import { KeptCounts, MANY, type MatchCounts, StoredCounts } from "../join/match_counts.ts";
import { MATCHED, type MatchKind, MatchOutput, UNDECIDED, UNMATCHED } from "../join/match_rows.ts";
import { DeltaJoinNode } from "./delta_join.ts";
import { isNeverNull } from "./pair_join.ts";

/** What a join by keys alone is made of. */
export interface MatchJoinOptions {
  readonly plan: JoinPlan & { readonly join: MatchKind };
  readonly inputs: readonly [CircuitNode, CircuitNode];
  /** Equal keys, by side. */
  readonly keys: readonly [readonly Scalar[], readonly Scalar[]];
  /** Whether NULL matches NULL. */
  readonly nullIsKey: boolean;
  /** Whether a NULL leaves a mark undecided. */
  readonly isNullable: boolean;
}

/** See the module header. */
export class MatchJoinNode implements CircuitNode {
  readonly name: string;
  readonly inputs: readonly CircuitNode[];
  readonly columns: readonly PlanColumn[];
  readonly #types: readonly SqlType[];
  readonly #sides: readonly [JoinInput, JoinInput];
  /** The sides whose rows have an output of their own. */
  readonly #preserved: readonly PreservedSide[];
  readonly #pairs: DeltaJoinNode | null;
  #started = false;
  #examinedRows = 0;

  constructor(options: MatchJoinOptions, environment: JoinEnvironment) {
    const { plan, inputs } = options;
    const { join } = plan;
    this.name = `${join} join`;
    this.inputs = inputs;
    this.columns = planColumns(plan);
    this.#types = this.columns.map((column) => column.type);
    this.#sides = [new JoinInput(inputs[0], environment), new JoinInput(inputs[1], environment)];
    const givesPairs = join !== "semi" && join !== "anti" && join !== "mark";
    this.#pairs = givesPairs
      ? new DeltaJoinNode({
        inputs: this.#sides,
        conjuncts: splitConjuncts(plan.condition),
        columns: this.columns,
      }, environment)
      : null;
    const own: readonly (0 | 1)[] = join === "right" ? [1] : join === "full" ? [0, 1] : [0];
    this.#preserved = own.map((side) => new PreservedSide(side, options, this.#sides, environment.execution));
  }

  get stateBytes(): number {
    return [...this.#sides, ...this.#preserved].reduce((bytes, { stateBytes }) => bytes + stateBytes, 0);
  }

  get examinedRows(): number {
    return this.#examinedRows + (this.#pairs?.examinedRows ?? 0) +
      this.#preserved.reduce((rows, { examinedRows }) => rows + examinedRows, 0);
  }

  apply(deltas: readonly Delta[]): Delta {
    const parts: Delta[] = [];
    for (const side of this.#sides) side.refresh();
    for (const side of this.#preserved) side.meet(deltas, !this.#started, parts);
    this.#started = true;
    if (this.#pairs === null) {
      this.#examinedRows += deltas[0]!.size + deltas[1]!.size;
      this.#sides.forEach((side, i) => side.apply(deltas[i]!));
    } else {
      const joined = this.#pairs.apply(deltas);
      if (joined.size > 0) parts.push(joined);
    }
    for (const side of this.#preserved) side.add(deltas, parts);
    this.#settle();
    return sumOfDeltas(parts, this.#types);
  }

  output(inputs: () => readonly Delta[]): Delta {
    const all = inputs();
    for (const side of this.#sides) side.refresh();
    const parts: Delta[] = this.#pairs === null ? [] : [this.#pairs.output(() => all)];
    for (const side of this.#preserved) side.addAll(all, parts);
    this.#settle();
    return sumOfDeltas(parts, this.#types);
  }

  /** Nothing of the epoch is held. */
  #settle(): void {
    for (const side of this.#sides) side.refresh();
    for (const side of this.#preserved) side.settle();
  }
}

/** The rows of one side with what becomes of them. */
class PreservedSide {
  readonly #side: 0 | 1;
  readonly #input: JoinInput;
  readonly #access: JoinAccess;
  /** Order of the key's parts in `#access`. */
  readonly #order: readonly number[];
  readonly #keys: ProjectionEvaluator;
  readonly #otherKeys: ProjectionEvaluator;
  readonly #counts: MatchCounts;
  readonly #output: MatchOutput;
  readonly #isSingle: boolean;
  readonly #span: Span | undefined;
  readonly #isNullable: boolean;
  readonly #pairs = new RowPairs();
  /** Rows of the other side, and those without a key; counted when a mark may be undecided. */
  #otherRows = 0;
  #otherNulls = 0;
  /** Whether a change of these counts has been dealt with by looking at all rows. */
  #isDone = false;
  #isFirst = true;
  examinedRows = 0;

  constructor(
    side: 0 | 1,
    options: MatchJoinOptions,
    inputs: readonly [JoinInput, JoinInput],
    environment: ExecutionEnvironment,
  ) {
    const { plan, keys, nullIsKey, isNullable } = options;
    const other = 1 - side as 0 | 1;
    this.#side = side;
    this.#input = inputs[side];
    this.#order = keyOrder(inputs[side], keys[side]);
    this.#access = inputs[side].access({ scalars: this.#order.map((i) => keys[side][i]!), nullIsKey });
    this.#keys = compileScalars(keys[side], inputs[side].node.columns, environment);
    this.#otherKeys = compileScalars(keys[other], inputs[other].node.columns, environment);
    this.#counts = countsOf(inputs[other], keys[other], nullIsKey);
    this.#output = new MatchOutput(plan.join, side, [inputs[0].node.columns, inputs[1].node.columns]);
    this.#isSingle = plan.join === "single";
    this.#span = plan.span;
    this.#isNullable = isNullable;
  }

  get stateBytes(): number {
    return this.#counts.stateBytes;
  }

  /** The epoch ends. */
  settle(): void {
    this.#counts.settle();
    this.#pairs.clear();
  }

  /** Takes in the change of the other side, for the rows that this side had before the epoch. */
  meet(deltas: readonly Delta[], isFirst: boolean, parts: Delta[]): void {
    const { size, weights, columns } = deltas[1 - this.#side]!;
    const keys = size === 0 ? [] : this.#keysOf(this.#otherKeys, { size, columns });
    const marks = [this.#otherRows > 0, this.#otherNulls > 0];
    this.#isDone = false;
    this.#isFirst = isFirst;
    if (this.#isNullable) this.#countNulls(keys, weights, size);
    this.#counts.change(keys, weights, size);
    if (isFirst) return;
    if (marks[0] !== this.#otherRows > 0 || marks[1] !== this.#otherNulls > 0) {
      this.#isDone = true;
      this.#remark(deltas[this.#side]!, marks[0]!, marks[1]!, parts);
      return;
    }
    if (this.#isSingle) this.#requireSingle(keys, size);
    const { crossedCount, crossedRows, crossedNow } = this.#counts;
    if (crossedCount === 0) return;
    const pairs = this.#find(keys.map((key) => gatherVector(key, crossedRows, crossedCount)), crossedCount);
    const now = new Uint8Array(pairs.count);
    for (let i = 0; i < pairs.count; i++) now[i] = crossedNow[pairs.probes[i]!]!;
    this.#swap(pairs, now, parts);
  }

  /** Adds the change of this side, whose rows are in place by now. */
  add(deltas: readonly Delta[], parts: Delta[]): void {
    const delta = deltas[this.#side]!;
    if (delta.size === 0 || this.#isDone) return;
    this.examinedRows += delta.size;
    const { size, weights } = delta;
    const keys = this.#keysOf(this.#keys, delta);
    const counts = new Int32Array(size);
    // The rows of a table were met with the change in it: what it brought has got the new state already.
    const before = this.#access.isAhead && !this.#isFirst ? new Uint8Array(size) : null;
    this.#counts.find(keys, size, counts, before);
    if (this.#isSingle) {
      for (let i = 0; i < size; i++) if (counts[i] === MANY && weights[i]! > 0) throw severalRows(this.#span);
    }
    const states = before ?? Uint8Array.from(counts.subarray(0, size), (count) => Number(count > 0));
    this.#leaveOpen(keys, size, states, this.#otherRows > 0, this.#otherNulls > 0);
    this.#output.add(parts, { source: new DeltaSource(delta), rows: null, count: size, weights, states }, 1);
  }

  /** Adds the output of all rows. */
  addAll(all: readonly Delta[], parts: Delta[]): void {
    const delta = all[this.#side]!;
    const { size, weights } = delta;
    if (size === 0) return;
    const states = this.#statesOf(delta, this.#otherRows > 0, this.#otherNulls > 0, false);
    this.#output.add(parts, { source: new DeltaSource(delta), rows: null, count: size, weights, states }, 1);
  }

  /** The first or last row of the other side, or without a key on it: all rows of this side get new marks. */
  #remark(delta: Delta, hadRows: boolean, hadNulls: boolean, parts: Delta[]): void {
    const now = this.#allRows();
    const hasRows = this.#otherRows > 0;
    const hasNulls = this.#otherNulls > 0;
    this.#addRows(now, hasRows, hasNulls, false, 1, parts);
    this.#addRows(now, hadRows, hadNulls, true, -1, parts);
    // Rows of a table are those of now, others those of before.
    if (this.#access.isAhead) this.#addRows(delta, hadRows, hadNulls, true, 1, parts);
    else this.#addRows(delta, hasRows, hasNulls, false, 1, parts);
  }

  #addRows(
    delta: Delta,
    hasRows: boolean,
    hasNulls: boolean,
    isBefore: boolean,
    sign: 1 | -1,
    parts: Delta[],
  ): void {
    const { size, weights } = delta;
    if (size === 0) return;
    this.examinedRows += size;
    const states = this.#statesOf(delta, hasRows, hasNulls, isBefore);
    const rows = { source: new DeltaSource(delta), rows: null, count: size, weights, states };
    this.#output.add(parts, rows, sign);
  }

  #statesOf(delta: Delta, hasRows: boolean, hasNulls: boolean, isBefore: boolean): Uint8Array {
    const { size } = delta;
    const keys = this.#keysOf(this.#keys, delta);
    const counts = new Int32Array(size);
    const before = isBefore ? new Uint8Array(size) : null;
    this.#counts.find(keys, size, counts, before);
    const states = before ?? Uint8Array.from(counts, (count) => Number(count > 0));
    this.#leaveOpen(keys, size, states, hasRows, hasNulls);
    return states;
  }

  /** Rows without a match are undecided when a NULL is in the way. */
  #leaveOpen(
    keys: readonly Vector[],
    size: number,
    states: Uint8Array,
    hasRows: boolean,
    hasNulls: boolean,
  ): void {
    if (!this.#isNullable || !hasRows) return;
    const { nulls } = materialize(keys[0]!, size);
    for (let i = 0; i < size; i++) {
      const isOpen = hasNulls || (nulls !== null && nulls[i] === 1);
      if (states[i] === UNMATCHED && isOpen) states[i] = UNDECIDED;
    }
  }

  /** Takes the rows of `pairs` out as they were and puts them in as they are. */
  #swap(pairs: RowPairs, now: Uint8Array, parts: Delta[]): void {
    const { count } = pairs;
    this.examinedRows += count;
    const rows = pairs.rows.slice(0, count);
    const { source, weights: byRow } = this.#access;
    const weights = new Int32Array(count).fill(1);
    if (byRow !== null) { for (let i = 0; i < count; i++) weights[i] = byRow[rows[i]!]!; }
    // What a crossing leaves without a match is open when NULLs are on the other side.
    const unmatched = this.#isNullable && this.#otherNulls > 0 ? UNDECIDED : UNMATCHED;
    const states = (matched: 0 | 1) => now.map((state): number => state === matched ? MATCHED : unmatched);
    this.#output.add(parts, { source, rows, count, weights, states: states(0) }, -1);
    this.#output.add(parts, { source, rows, count, weights, states: states(1) }, 1);
  }

  #find(keys: readonly Vector[], size: number): RowPairs {
    this.#pairs.clear();
    this.#access.find(this.#order.map((i) => keys[i]!), size, this.#pairs);
    return this.#pairs;
  }

  /** A subquery as a value: a row must not find two. */
  #requireSingle(keys: readonly Vector[], size: number): void {
    if (size === 0) return;
    const counts = new Int32Array(size);
    this.#counts.find(keys, size, counts, null);
    const rows = new Int32Array(size);
    let many = 0;
    for (let i = 0; i < size; i++) if (counts[i] === MANY) rows[many++] = i;
    if (many > 0 && this.#find(keys.map((key) => gatherVector(key, rows, many)), many).count > 0) {
      throw severalRows(this.#span);
    }
  }

  #countNulls(keys: readonly Vector[], weights: Int32Array, size: number): void {
    if (size === 0) return;
    const { nulls } = materialize(keys[0]!, size);
    for (let i = 0; i < size; i++) {
      this.#otherRows += weights[i]!;
      if (nulls !== null && nulls[i] === 1) this.#otherNulls += weights[i]!;
    }
  }

  #allRows(): Delta {
    return this.#input.all(this.#access);
  }

  #keysOf(keys: ProjectionEvaluator, rows: Pick<Delta, "columns" | "size">): readonly Vector[] {
    return keys.evaluate(rows).map((key) => materialize(key, rows.size));
  }
}

/** The order of keys in which a table's index has them. */
function keyOrder(input: JoinInput, keys: readonly Scalar[]): readonly number[] {
  const ordinals = keys.map((key) => input.ordinalOf(key));
  const order = keys.map((_, i) => i);
  return ordinals.includes(-1) ? order : order.sort((a, b) => ordinals[a]! - ordinals[b]!);
}

function countsOf(input: JoinInput, keys: readonly Scalar[], nullIsKey: boolean): MatchCounts {
  const order = keyOrder(input, keys);
  const isStored = keys.length > 0 && input.stored?.filters.length === 0 && order.every((at, i) => at === i);
  const access = isStored && input.canUseIndex({ scalars: keys, nullIsKey })
    ? input.access({ scalars: keys, nullIsKey })
    : undefined;
  if (access instanceof StoredAccess) return new StoredCounts(access);
  return new KeptCounts(keys.map((key) => key.type), nullIsKey);
}

/** The join by keys alone that a plan is; undefined when it has other conditions, or keys that are no index. */
export function matchJoin(
  plan: JoinPlan,
  left: CircuitNode,
  right: CircuitNode,
  environment: JoinEnvironment,
): MatchJoinNode | undefined {
  const { join } = plan;
  if (join === "inner" || join === "asof" || join === "asofLeft") return undefined;
  const { keys, residual } = splitCondition(plan.condition, left.columns, right.columns);
  if (residual !== null || keys.some(({ left, right }) => holdsJson(left.type) || holdsJson(right.type))) {
    return undefined;
  }
  const nullIsKey = keys.length > 0 && keys.every(({ nullMatches }) => nullMatches);
  if (!nullIsKey && keys.some(({ nullMatches }) => nullMatches)) return undefined;
  const isNullable = join === "mark" && !nullIsKey &&
    !(keys.every(({ left: key }) => isNeverNull(key, left.columns)) &&
      keys.every(({ right: key }) => isNeverNull(key, right.columns)));
  if (isNullable && keys.length > 1) return undefined;
  const sides = [keys.map((key) => key.left), keys.map((key) => key.right)] as const;
  return new MatchJoinNode(
    {
      plan: { ...plan, join },
      inputs: [left, right],
      keys: sides,
      nullIsKey,
      isNullable,
    },
    environment,
  );
}
