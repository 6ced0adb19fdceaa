/**
 * Left, right, full, single, semi, anti and mark joins whose condition is more than keys: the pairs that satisfy it
 * are counted for each row.
 *
 * ```
 * change of second ─► rows of first with its key ─► condition ─► counts of those rows ─► - and + where they cross 0
 * change of first  ─► rows of second with its key ─► condition ─► counts of the rows that came
 * ```
 *
 * The first side is the one whose rows have an output of their own; it is arranged, and in a full join the second is,
 * too. A changed row costs the rows with its key on the other side, all of them when the condition has no equality.
 * A mark is undecided when no pair satisfies the condition and some pair makes it NULL: those are counted as well,
 * and equalities that may be NULL belong to the condition.
 *
 * @module
 */
import { compileScalars, type ProjectionEvaluator } from "../../exec/expression/compile.ts";
import { compilePredicate, type Predicate } from "../../exec/expression/predicate.ts";
import { severalRows } from "../../exec/operators/hash_join_probe.ts";
import { type JoinKey, splitCondition } from "../../exec/physical_join.ts";
import type { Span } from "../../query/ast.ts";
import type { JoinPlan, PlanColumn, Scalar } from "../../query/plan.ts";
import { conjunction, planColumns, splitConjuncts } from "../../query/plan_walk.ts";
import { RowPairs } from "../../storage/row_pairs.ts";
import { BOOLEAN, type SqlType } from "../../storage/sql_type.ts";
import type { CircuitNode } from "../circuit_node.ts";
import { type Delta, sumOfDeltas } from "../delta.ts";
import { type ColumnRef, JoinFrontier } from "../join/join_frontier.ts";
import { columnRefs } from "../join/join_path.ts";
import {
  ArrangedAccess,
  holdsJson,
  type JoinAccess,
  type JoinEnvironment,
  JoinInput,
  type SideKey,
  slicesFor,
} from "../join/join_side.ts";
import { DeltaSource } from "../join/join_source.ts";
import { type MatchKind, MatchOutput } from "../join/match_rows.ts";
import { RowMatches } from "../join/row_matches.ts";

/** Pairs of a row of a change and a row of the other side that satisfy the condition, or leave it undecided. */
type OnPairs = (slice: Delta, from: number, found: JoinFrontier, isUndecided: boolean) => void;

/** An arranged side whose rows have an output of their own. */
interface CountedSide {
  readonly access: ArrangedAccess;
  readonly matches: RowMatches;
  readonly output: MatchOutput;
}

/** See the module header. */
export class PairJoinNode implements CircuitNode {
  readonly name: string;
  readonly inputs: readonly [CircuitNode, CircuitNode];
  readonly columns: readonly PlanColumn[];
  readonly #types: readonly SqlType[];
  /** Which input is the first side. */
  readonly #own: 0 | 1;
  readonly #first: CountedSide;
  readonly #second: JoinInput;
  readonly #secondAccess: JoinAccess;
  /** In a full join. */
  readonly #secondCounted: CountedSide | undefined;
  /** By input, its key in the order of the other side's access. */
  readonly #probes: readonly [ProjectionEvaluator, ProjectionEvaluator];
  readonly #condition: Predicate | null;
  /** For marks: whether the condition is NULL. */
  readonly #undecided: Predicate | null;
  readonly #refs: readonly ColumnRef[];
  /** The columns of pairs in the output; null when it has none. */
  readonly #pairRefs: readonly ColumnRef[] | null;
  readonly #span: Span | undefined;
  readonly #isSingle: boolean;
  readonly #pairs = new RowPairs();
  examinedRows = 0;

  constructor(
    plan: JoinPlan & { readonly join: MatchKind },
    inputs: readonly [CircuitNode, CircuitNode],
    environment: JoinEnvironment,
  ) {
    const { execution } = environment;
    const { join } = plan;
    this.name = `${join} pair join`;
    this.inputs = inputs;
    this.columns = planColumns(plan);
    this.#types = this.columns.map((column) => column.type);
    this.#span = plan.span;
    this.#isSingle = join === "single";
    this.#own = join === "right" ? 1 : 0;
    const other = 1 - this.#own as 0 | 1;
    const sides = [new JoinInput(inputs[0], environment), new JoinInput(inputs[1], environment)] as const;
    const { keys, nullIsKey, residual } = pairCondition(plan, sides);
    const keyOf = (side: 0 | 1): SideKey => ({ scalars: keys.map((key) => key[side]), nullIsKey });
    const counted = (side: 0 | 1): CountedSide => ({
      access: new ArrangedAccess(inputs[side], keyOf(side), execution),
      matches: new RowMatches(join === "mark"),
      output: new MatchOutput(join, side, [inputs[0].columns, inputs[1].columns]),
    });
    this.#first = counted(this.#own);
    this.#second = sides[other];
    this.#secondCounted = join === "full" ? counted(other) : undefined;
    this.#secondAccess = this.#secondCounted?.access ?? this.#second.access(keyOf(other));
    this.#probes = [
      compileScalars(keys.map((key) => key[0]), inputs[0].columns, execution),
      compileScalars(keys.map((key) => key[1]), inputs[1].columns, execution),
    ];
    const refs = columnRefs(sides);
    const columns = [...inputs[0].columns, ...inputs[1].columns];
    this.#refs = columns.map((column) => refs.get(column.id)!);
    this.#condition = residual === null ? null : compilePredicate(residual, columns, execution);
    this.#undecided = residual === null || join !== "mark" ? null : compilePredicate(
      { kind: "isNull", argument: residual, negated: false, type: BOOLEAN },
      columns,
      execution,
    );
    const givesPairs = join !== "semi" && join !== "anti" && join !== "mark";
    this.#pairRefs = givesPairs ? this.columns.map((column) => refs.get(column.id)!) : null;
  }

  get stateBytes(): number {
    let bytes = this.#second.stateBytes;
    for (const side of [this.#first, this.#secondCounted]) {
      if (side !== undefined) bytes += side.access.stateBytes + side.matches.stateBytes;
    }
    return bytes;
  }

  apply(deltas: readonly Delta[]): Delta {
    const own = deltas[this.#own]!;
    const other = deltas[1 - this.#own]!;
    const parts: Delta[] = [];
    this.#second.refresh();
    this.#meetSecond(other, parts);
    this.#meetFirst(own, parts);
    this.#compact();
    this.#settle();
    return sumOfDeltas(parts, this.#types);
  }

  output(): Delta {
    const parts: Delta[] = [];
    this.#second.refresh();
    const { arrangement } = this.#first.access.input;
    if (this.#pairRefs !== null) this.#join(this.#own, arrangement.all(), parts, () => {});
    for (const side of [this.#first, this.#secondCounted]) {
      if (side === undefined) continue;
      const rows = side.access.input.arrangement.liveIds();
      addRows(side, rows, Uint8Array.from(rows, (row) => side.matches.state(row)), 1, parts);
    }
    this.#settle();
    return sumOfDeltas(parts, this.#types);
  }

  /** Nothing of the epoch is held. */
  #settle(): void {
    this.#second.refresh();
    this.#pairs.clear();
  }

  /** The change of the second side with the rows of the first before the epoch. */
  #meetSecond(delta: Delta, parts: Delta[]): void {
    if (delta.size === 0) return;
    const { access, matches } = this.#first;
    const second = this.#secondCounted;
    const sums = new Int32Array(second === undefined ? 0 : delta.size);
    const weights = access.weights;
    this.#join(1 - this.#own as 0 | 1, delta, parts, (slice, from, found, isUndecided) => {
      const rows = found.rowsOf(this.#own);
      const probes = found.rowsOf(1 - this.#own);
      for (let i = 0; i < found.size; i++) {
        const weight = slice.weights[probes[i]!]!;
        matches.add(rows[i]!, isUndecided ? 0 : weight, isUndecided ? weight : 0);
        if (second !== undefined) sums[from + probes[i]!]! += weights[rows[i]!]!;
      }
    });
    this.#addCrossings(this.#first, parts);
    if (second === undefined) this.#second.apply(delta);
    else this.#arrange(second, delta, sums, null, parts);
  }

  /** The change of the first side with the rows of the second after the epoch. */
  #meetFirst(delta: Delta, parts: Delta[]): void {
    if (delta.size === 0) return;
    const second = this.#secondCounted;
    const matched = new Int32Array(delta.size);
    const undecided = this.#undecided === null ? null : new Int32Array(delta.size);
    const weights = this.#secondAccess.weights;
    this.#join(this.#own, delta, parts, (slice, from, found, isUndecided) => {
      const rows = found.rowsOf(1 - this.#own);
      const probes = found.rowsOf(this.#own);
      const sums = isUndecided ? undecided! : matched;
      for (let i = 0; i < found.size; i++) {
        sums[from + probes[i]!]! += weights === null ? 1 : weights[rows[i]!]!;
        second?.matches.add(rows[i]!, slice.weights[probes[i]!]!, 0);
      }
    });
    if (second !== undefined) this.#addCrossings(second, parts);
    this.#arrange(this.#first, delta, matched, undecided, parts);
  }

  /** Joins a change of `input` with the other side as it is; adds the pairs to the output when it has pairs. */
  #join(input: 0 | 1, delta: Delta, parts: Delta[], onPairs: OnPairs): void {
    const access = input === this.#own ? this.#secondAccess : this.#first.access;
    this.examinedRows += delta.size;
    let from = 0;
    for (const slice of slicesFor(delta, access)) {
      const pairs = this.#pairs;
      pairs.clear();
      this.examinedRows += access.find(this.#probes[input].evaluate(slice), slice.size, pairs);
      if (pairs.count > 0) {
        const all = JoinFrontier.start(input, new DeltaSource(slice), slice.weights, slice.size)
          .extended(1 - input, access.source, pairs, access.weights, 1);
        const found = this.#condition === null ? all : all.filtered(this.#condition, this.#refs);
        if (this.#pairRefs !== null && found.size > 0) {
          parts.push({ size: found.size, columns: found.columns(this.#pairRefs), weights: found.weights });
        }
        onPairs(slice, from, found, false);
        if (this.#undecided !== null) {
          onPairs(slice, from, all.filtered(this.#undecided, this.#refs), true);
        }
      }
      from += slice.size;
    }
  }

  /** Adds a change to its side; `matched` and `undecided` are the pairs of its rows. */
  #arrange(
    side: CountedSide,
    delta: Delta,
    matched: Int32Array,
    undecided: Int32Array | null,
    parts: Delta[],
  ): void {
    const { access, matches, output } = side;
    const { arrangement } = access.input;
    const { size, weights } = delta;
    arrangement.apply(delta, access.keysOf(delta));
    matches.reserve(arrangement.idLimit);
    const ids = arrangement.changedIds;
    const states = new Uint8Array(size);
    for (let i = 0; i < size; i++) {
      const id = ids[i]!;
      if (!matches.isKnown(id)) matches.set(id, matched[i]!, undecided?.[i] ?? 0);
      states[i] = matches.state(id);
      if (this.#isSingle && weights[i]! > 0 && matches.matched(id) > 1) throw severalRows(this.#span);
    }
    const now = arrangement.weights;
    for (let i = 0; i < size; i++) if (now[ids[i]!] === 0) matches.forget(ids[i]!);
    output.add(parts, { source: new DeltaSource(delta), rows: null, count: size, weights, states }, 1);
  }

  /** The rows of a side that have got their first match, or lost their last one. */
  #addCrossings(side: CountedSide, parts: Delta[]): void {
    if (this.#isSingle && side.matches.hasTouchedMany) throw severalRows(this.#span);
    const { rows, before } = side.matches.takeTouched();
    if (rows.length === 0) return;
    addRows(side, rows, before, -1, parts);
    addRows(side, rows, Uint8Array.from(rows, (row) => side.matches.state(row)), 1, parts);
  }

  #compact(): void {
    for (const side of [this.#first, this.#secondCounted]) {
      if (side === undefined) continue;
      const kept = side.access.input.compact();
      if (kept !== undefined) side.matches.renumber(kept);
    }
  }
}

/** Adds the output of rows of an arranged side. */
function addRows(
  { access, output }: CountedSide,
  rows: Int32Array,
  states: Uint8Array,
  sign: 1 | -1,
  parts: Delta[],
): void {
  const weights = rows.map((row) => access.weights[row]!);
  output.add(parts, { source: access.source, rows, count: rows.length, weights, states }, sign);
}

/** The equalities by which pairs are found, by side, and what else must hold. */
function pairCondition(
  plan: JoinPlan,
  [left, right]: readonly [JoinInput, JoinInput],
): {
  readonly keys: readonly (readonly [Scalar, Scalar])[];
  readonly nullIsKey: boolean;
  readonly residual: Scalar | null;
} {
  const found: { readonly conjunct: Scalar; readonly key: JoinKey }[] = [];
  const conjuncts = splitConjuncts(plan.condition);
  for (const conjunct of conjuncts) {
    const [key] = splitCondition(conjunct, left.node.columns, right.node.columns).keys;
    if (key === undefined || holdsJson(key.left.type)) continue;
    const isDecided = plan.join !== "mark" || key.nullMatches ||
      (isNeverNull(key.left, left.node.columns) && isNeverNull(key.right, right.node.columns));
    if (isDecided) found.push({ conjunct, key });
  }
  const strict = found.filter(({ key }) => !key.nullMatches);
  const chosen = strict.length > 0 ? strict : found;
  const covered = new Set(chosen.map(({ conjunct }) => conjunct));
  const other = plan.join === "right" ? left : right;
  const keys = chosen
    .map(({ key }) => [key.left, key.right] as const)
    .sort((a, b) => {
      const side = other === left ? 0 : 1;
      return other.ordinalOf(a[side]) - other.ordinalOf(b[side]);
    });
  return {
    keys,
    nullIsKey: chosen.length > 0 && strict.length === 0,
    residual: conjunction(conjuncts.filter((conjunct) => !covered.has(conjunct))),
  };
}

/** Whether a key is a column without NULL. */
export function isNeverNull(key: Scalar, columns: readonly PlanColumn[]): boolean {
  return key.kind === "column" && columns.some(({ id, nullable }) => id === key.id && !nullable);
}

/** The join that counts pairs; undefined for kinds that are none of its. */
export function pairJoin(
  plan: JoinPlan,
  left: CircuitNode,
  right: CircuitNode,
  environment: JoinEnvironment,
): PairJoinNode | undefined {
  const { join } = plan;
  if (join === "inner" || join === "asof" || join === "asofLeft") return undefined;
  return new PairJoinNode({ ...plan, join }, [left, right], environment);
}
