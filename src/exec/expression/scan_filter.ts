/**
 * Filters that run inside storage, on segments, before rows become chunks.
 *
 * Conjuncts on one column that hold for no other reason than its value (`column op constant`, BETWEEN, IN,
 * LIKE, IS NULL, a boolean column) become conditions on segments; the others are handed back. For each
 * segment the zone maps drop conditions that all rows fulfil, the cheapest of the rest makes the selection,
 * and the others shrink it.
 *
 * @module
 */
import type { PlanColumn, Scalar } from "../../query/plan.ts";
import type { Datum } from "../../storage/sql_type.ts";
import type { SegmentView } from "../../storage/table_view.ts";
import { refineBits, selectAll, selectBits } from "../kernels/nulls.ts";
import { CompileSession } from "./compile_session.ts";
import type { EvaluationEnvironment } from "./environment.ts";
import { IsNullNode, NotNode } from "./logical.ts";
import { MemoPredicateNode } from "./memo_expression.ts";
import { bothConditions } from "./number_condition.ts";
import { NumberConditionNode } from "./number_condition_node.ts";
import { conjunctsOf } from "./predicate.ts";
import { MemoNode, type ScalarNode } from "./scalar_node.ts";
import {
  DateSegmentCondition,
  NullSegmentCondition,
  NumberSegmentCondition,
  type SegmentCondition,
  TextEqualitySegmentCondition,
  TextSegmentCondition,
  type Verdict,
} from "./segment_condition.ts";
import { columnOf } from "./selective.ts";
import { TextEqualityNode } from "./text_comparison.ts";
import { textPattern } from "./text_pattern.ts";

/** A scanned column and where it stands in its table. */
export type ScanColumn = PlanColumn & { readonly ordinal: number };

/** Selects live rows of segments. */
export interface ScanFilter {
  /** Conjuncts that the filter leaves to `compilePredicate` over the scanned columns, in their order. */
  readonly residual: readonly Scalar[];
  /** What the zone maps say: no live row passes, or every live row does, or rows must be looked at. */
  prune(segment: SegmentView): "none" | "some" | "all";
  /**
   * Writes the offsets in [from, to) of live rows that pass to `selection`, ascending; gives their count.
   * `selection` has room for to - from offsets.
   */
  filter(segment: SegmentView, from: number, to: number, selection: Int32Array): number;
}

/** Compiles those of `conjuncts` that can run on segments. */
export function compileScanFilter(
  conjuncts: readonly Scalar[],
  columns: readonly ScanColumn[],
  environment: EvaluationEnvironment,
): ScanFilter {
  const session = new CompileSession(columns, environment);
  const residual: Scalar[] = [];
  const conditions: SegmentCondition[] = [];
  let contradiction = false;
  for (const conjunct of conjuncts.flatMap(conjunctsOf)) {
    const node = session.compile(conjunct);
    if (node.constant !== undefined) {
      contradiction ||= node.constant !== true;
      continue;
    }
    const condition = segmentCondition(conjunct, node, session, columns);
    if (condition === undefined) residual.push(conjunct);
    else addCondition(conditions, condition);
  }
  return new SegmentFilter(contradiction ? null : conditions, residual);
}

/** The condition that a conjunct puts on segments; undefined when it is none. */
function segmentCondition(
  conjunct: Scalar,
  memoized: ScalarNode,
  session: CompileSession,
  columns: readonly ScanColumn[],
): SegmentCondition | undefined {
  const node = memoized instanceof MemoNode ? memoized.inner : memoized;
  const ordinalOf = (one: ScalarNode): number | undefined => {
    const column = columnOf(one);
    return column === undefined ? undefined : columns[column.position]!.ordinal;
  };
  // A condition that may fail keeps its place in the order that was written.
  if (node.fallible) return undefined;
  if (node instanceof NumberConditionNode) {
    const ordinal = ordinalOf(node.subject);
    if (ordinal === undefined) return undefined;
    return new NumberSegmentCondition(ordinal, node.condition, (value) => node.testDatum(value));
  }
  if (node instanceof IsNullNode) {
    const ordinal = ordinalOf(node.argument);
    return ordinal === undefined ? undefined : new NullSegmentCondition(ordinal, node.negated);
  }
  if (node instanceof TextEqualityNode) {
    const ordinal = ordinalOf(node.subject);
    return ordinal === undefined
      ? undefined
      : new TextEqualitySegmentCondition(ordinal, node.text, node.negated);
  }
  if (node instanceof MemoPredicateNode) {
    const ordinal = ordinalOf(node.subject);
    // Conditions on segments never let NULL pass.
    if (ordinal === undefined || node.resultOfNull() === true) return undefined;
    if (node.subject.type.kind === "date") return new DateSegmentCondition(ordinal, node);
    return new TextSegmentCondition(ordinal, node, textPattern(conjunct, session));
  }
  return booleanCondition(node, ordinalOf);
}

/** A BOOLEAN column, or NOT of one. */
function booleanCondition(
  node: ScalarNode,
  ordinalOf: (node: ScalarNode) => number | undefined,
): SegmentCondition | undefined {
  const negated = node instanceof NotNode;
  const ordinal = ordinalOf(negated ? node.argument : node);
  if (ordinal === undefined) return undefined;
  const wanted = negated ? 0 : 1;
  const condition = { kind: "range", low: wanted, high: wanted } as const;
  return new NumberSegmentCondition(ordinal, condition, (value) => value === !negated);
}

/** Adds a condition, joined with one on the same column where both are ranges. */
function addCondition(conditions: SegmentCondition[], condition: SegmentCondition): void {
  if (condition instanceof NumberSegmentCondition) {
    for (const [index, other] of conditions.entries()) {
      if (!(other instanceof NumberSegmentCondition) || other.ordinal !== condition.ordinal) continue;
      const both = bothConditions(other.condition, condition.condition);
      if (both === undefined) continue;
      const test = (value: Datum): boolean => other.test(value) && condition.test(value);
      conditions[index] = new NumberSegmentCondition(condition.ordinal, both, test);
      return;
    }
  }
  conditions.push(condition);
}

class SegmentFilter implements ScanFilter {
  readonly residual: readonly Scalar[];
  /** `null` when no row can pass. */
  readonly #conditions: readonly SegmentCondition[] | null;
  #segment: SegmentView | null = null;
  #verdict: Verdict = "some";
  /** The conditions that the current segment does not decide, cheapest first. */
  #open: readonly SegmentCondition[] = [];

  constructor(conditions: readonly SegmentCondition[] | null, residual: readonly Scalar[]) {
    this.#conditions = conditions;
    this.residual = residual;
  }

  prune(segment: SegmentView): Verdict {
    if (this.#segment !== segment) this.#enter(segment);
    return this.#verdict;
  }

  filter(segment: SegmentView, from: number, to: number, selection: Int32Array): number {
    const verdict = this.prune(segment);
    if (verdict === "none") return 0;
    if (verdict === "all") return selectLive(segment, from, to, selection);
    const end = Math.min(to, segment.slotCount);
    let count = -1;
    for (const condition of this.#open) {
      const column = segment.column(condition.ordinal);
      count = count === -1
        ? condition.select(column, from, end, selection)
        : condition.refine(column, selection, count);
      if (count === 0) return 0;
    }
    return segment.tombstones === null ? count : refineBits(segment.tombstones, 0, selection, count);
  }

  #enter(segment: SegmentView): void {
    this.#segment = segment;
    this.#open = [];
    this.#verdict = "none";
    if (this.#conditions === null || segment.slotCount === segment.deletedCount) return;
    const open: { readonly condition: SegmentCondition; readonly cost: number }[] = [];
    for (const condition of this.#conditions) {
      const column = segment.column(condition.ordinal);
      const verdict = condition.prune(column);
      if (verdict === "none") return;
      if (verdict === "some") open.push({ condition, cost: condition.cost(column) });
    }
    this.#verdict = open.length === 0 ? "all" : "some";
    this.#open = open.sort((a, b) => a.cost - b.cost).map((one) => one.condition);
  }
}

/** The offsets in [from, to) of rows that are not deleted. O(to - from). */
export function selectLive(segment: SegmentView, from: number, to: number, selection: Int32Array): number {
  const end = Math.min(to, segment.slotCount);
  const { tombstones } = segment;
  return tombstones === null
    ? selectAll(from, end, selection)
    : selectBits(tombstones, 0, from, end, selection);
}
