/**
 * Paths of a delta join: in which order the change of one input meets the other inputs.
 *
 * ```
 * change of customer ─► orders by o_custkey ─► lineitem by l_orderkey ─► nation by n_nationkey
 * ```
 *
 * The next input is the one that is connected by an equality and has the fewest rows to a key: a unique key first,
 * then by the degrees of the index. A condition that is no key is applied as soon as its columns are bound. O(n^2)
 * conditions for n inputs.
 *
 * @module
 */
import { compileScalars, type ProjectionEvaluator } from "../../exec/expression/compile.ts";
import { compilePredicate, type Predicate } from "../../exec/expression/predicate.ts";
import { type JoinKey, splitCondition } from "../../exec/physical_join.ts";
import type { ColumnId, PlanColumn, Scalar } from "../../query/plan.ts";
import { conjunction, freeColumns } from "../../query/plan_walk.ts";
import type { ColumnRef } from "./join_frontier.ts";
import type { JoinAccess, JoinEnvironment, JoinInput, SideKey } from "./join_side.ts";

/** Rows of a key of an input whose degrees are not known, and of an input without a key. */
const FAN_OUT_ARRANGED = 5;
const FAN_OUT_CROSS = 1e9;
/** Share of a table's rows that a filter on it is taken to keep. */
const FILTER_SHARE = 0.3;

/** A condition over columns of a frontier. */
export interface BoundCondition {
  readonly predicate: Predicate;
  readonly refs: readonly ColumnRef[];
}

/** One more input. */
export interface PathStep {
  readonly input: number;
  readonly access: JoinAccess;
  /** The key expressions over `keyRefs`. */
  readonly keys: ProjectionEvaluator;
  readonly keyRefs: readonly ColumnRef[];
  readonly residual: BoundCondition | null;
}

/** See the module header. */
export interface JoinPath {
  /** What must hold for the rows of the change alone. */
  readonly condition: BoundCondition | null;
  readonly steps: readonly PathStep[];
}

/** What paths are planned from. */
export interface JoinShape {
  readonly inputs: readonly JoinInput[];
  readonly conjuncts: readonly Scalar[];
  readonly environment: JoinEnvironment;
}

/** A key of an input with what it costs, and the conditions that it covers. */
interface Candidate {
  readonly input: number;
  readonly fanOut: number;
  readonly probe: readonly Scalar[];
  readonly key: SideKey;
  readonly covered: ReadonlySet<Scalar>;
}

/** Where every column of the inputs stands. */
export function columnRefs(inputs: readonly JoinInput[]): ReadonlyMap<ColumnId, ColumnRef> {
  const refs = new Map<ColumnId, ColumnRef>();
  inputs.forEach(({ node }, input) => {
    node.columns.forEach(({ id }, position) => refs.set(id, { input, position, slot: refs.size }));
  });
  return refs;
}

/** The path of the change of input `start`. */
export function planPath(start: number, shape: JoinShape): JoinPath {
  const { inputs, conjuncts } = shape;
  const bound = new Set([start]);
  const open = new Set(conjuncts);
  const condition = takeBound(shape, bound, open);
  const steps: PathStep[] = [];
  while (bound.size < inputs.length) {
    const best = inputs
      .flatMap((_, input) => bound.has(input) ? [] : [candidate(input, shape, bound, open)])
      .reduce((a, b) => b.fanOut < a.fanOut ? b : a);
    const probe = compileOver(best.probe, shape);
    for (const scalar of best.covered) open.delete(scalar);
    bound.add(best.input);
    steps.push({
      input: best.input,
      access: inputs[best.input]!.access(best.key),
      keys: compileScalars(best.probe, probe.columns, shape.environment.execution),
      keyRefs: probe.refs,
      residual: takeBound(shape, bound, open),
    });
  }
  return { condition, steps };
}

/** The conditions whose columns are bound by now, out of `open`. */
function takeBound(shape: JoinShape, bound: ReadonlySet<number>, open: Set<Scalar>): BoundCondition | null {
  const refs = columnRefs(shape.inputs);
  const ready = [...open].filter((scalar) =>
    [...freeColumns(scalar)].every((id) => bound.has(refs.get(id)!.input))
  );
  for (const scalar of ready) open.delete(scalar);
  const scalar = conjunction(ready);
  if (scalar === null) return null;
  const read = compileOver([scalar], shape);
  return { predicate: compilePredicate(scalar, read.columns, shape.environment.execution), refs: read.refs };
}

/** The columns that expressions read. */
function compileOver(
  scalars: readonly Scalar[],
  { inputs }: JoinShape,
): { readonly columns: readonly PlanColumn[]; readonly refs: readonly ColumnRef[] } {
  const all = columnRefs(inputs);
  const refs = [...new Set(scalars.flatMap((scalar) => [...freeColumns(scalar)]))].map((id) => all.get(id)!);
  return { refs, columns: refs.map(({ input, position }) => inputs[input]!.node.columns[position]!) };
}

function candidate(
  input: number,
  shape: JoinShape,
  bound: ReadonlySet<number>,
  open: ReadonlySet<Scalar>,
): Candidate {
  const side = shape.inputs[input]!;
  const before = [...bound].flatMap((other) => shape.inputs[other]!.node.columns);
  const keys: { readonly scalar: Scalar; readonly key: JoinKey }[] = [];
  for (const scalar of open) {
    const [key] = splitCondition(scalar, before, side.node.columns).keys;
    if (key !== undefined) keys.push({ scalar, key });
  }
  const strict = keys.filter(({ key }) => !key.nullMatches);
  return storedCandidate(input, shape, strict) ?? arrangedCandidate(input, strict.length > 0 ? strict : keys);
}

/** By a table's index. Columns of a unique key suffice; each column counts once. */
function storedCandidate(
  input: number,
  { inputs, environment: { tables } }: JoinShape,
  keys: readonly { readonly scalar: Scalar; readonly key: JoinKey }[],
): Candidate | undefined {
  const side = inputs[input]!;
  if (tables === undefined || side.stored === undefined) return undefined;
  const byOrdinal = new Map<number, { readonly scalar: Scalar; readonly key: JoinKey }>();
  for (const each of keys) {
    const ordinal = side.ordinalOf(each.key.right);
    if (ordinal >= 0 && !byOrdinal.has(ordinal)) byOrdinal.set(ordinal, each);
  }
  if (byOrdinal.size === 0) return undefined;
  const { table, filters } = side.stored;
  const all = [...byOrdinal.keys()].sort((a, b) => a - b);
  const chosen = (tables.uniqueWithin(table, all) ?? all).map((ordinal) => byOrdinal.get(ordinal)!);
  return {
    input,
    fanOut: tables.fanOut(table, all) * (filters.length > 0 ? FILTER_SHARE : 1),
    probe: chosen.map(({ key }) => key.left),
    key: { scalars: chosen.map(({ key }) => key.right), nullIsKey: false },
    covered: new Set(chosen.map(({ scalar }) => scalar)),
  };
}

function arrangedCandidate(
  input: number,
  keys: readonly { readonly scalar: Scalar; readonly key: JoinKey }[],
): Candidate {
  return {
    input,
    fanOut: keys.length > 0 ? FAN_OUT_ARRANGED : FAN_OUT_CROSS,
    probe: keys.map(({ key }) => key.left),
    key: {
      scalars: keys.map(({ key }) => key.right),
      nullIsKey: keys.length > 0 && keys.every(({ key }) => key.nullMatches),
    },
    covered: new Set(keys.map(({ scalar }) => scalar)),
  };
}
