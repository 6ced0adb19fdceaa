/**
 * Builds joins: equalities between the sides become keys of a hash join, the rest a residual condition.
 *
 * The right side is built first, then the left one is probed against it; its keys, once known, filter the
 * scan that feeds the left side. A join without equalities is a nested loop: a hash join on no key.
 *
 * @module
 */
import { assert } from "../base/assert.ts";
import { QueryError } from "../base/error.ts";
import type { JoinPlan, PlanColumn, Scalar } from "../query/plan.ts";
import { conjunction, freeColumns, planColumns, splitConjuncts } from "../query/plan_walk.ts";
import { decimalType, DOUBLE, NUMERIC, type SqlType } from "../storage/sql_type.ts";
import { compileScalar, compileScalars } from "./expression/compile.ts";
import { compilePredicate } from "./expression/predicate.ts";
import { type KeyColumn, KeyTable } from "./key_table.ts";
import type { KeyBounds } from "./key_table_encoder.ts";
import { AsofBuild, AsofProbe } from "./operators/asof_join.ts";
import { JoinBuild } from "./operators/hash_join_build.ts";
import { HashJoinProbe, type JoinResidual, type ProbeKind } from "./operators/hash_join_probe.ts";
import { JoinKeyFilter } from "./operators/join_key_filter.ts";
import { DiscardSink, MarkedSource, MarkMatches } from "./operators/mark_matches.ts";
import { MarkJoinOperator } from "./operators/mark_join.ts";
import type { Sink } from "./operators/operator.ts";
import { type Need, references, restrict, union } from "./need.ts";
import type { PhysicalBuilder, Stream } from "./physical.ts";

/** An equality of a join condition. */
export interface JoinKey {
  readonly left: Scalar;
  readonly right: Scalar;
  /** IS NOT DISTINCT FROM. */
  readonly nullMatches: boolean;
}

/** A join condition taken apart. */
export interface JoinCondition {
  readonly keys: readonly JoinKey[];
  readonly residual: Scalar | null;
}

/** A join with its condition taken apart and its build side planned. */
interface JoinParts {
  readonly plan: JoinPlan;
  readonly keys: readonly JoinKey[];
  readonly residual: Scalar | null;
  /** The build side; its `rows` have the columns `payload`. */
  readonly build: JoinBuild;
  readonly payload: readonly PlanColumn[];
  readonly right: Stream;
  readonly left: Stream;
  /** Left columns that are wanted above. */
  readonly leftOutput: readonly PlanColumn[];
}

/** Joins two inputs. */
export function buildJoin(builder: PhysicalBuilder, plan: JoinPlan, need: Need): Stream {
  assert(!plan.lateral, "Lateral joins are unnested before they run");
  switch (plan.join) {
    case "mark":
      return buildMarkJoin(builder, plan, need);
    case "asof":
    case "asofLeft":
      return buildAsofJoin(builder, plan, need);
    default:
      return buildHashJoin(builder, plan, plan.join, need);
  }
}

function buildHashJoin(builder: PhysicalBuilder, plan: JoinPlan, kind: ProbeKind, need: Need): Stream {
  const condition = splitCondition(plan.condition, planColumns(plan.left), planColumns(plan.right));
  if ((kind === "semi" || kind === "anti") && isLeftSmaller(builder, plan, condition)) {
    return buildOnLeft(builder, plan, kind, condition, need);
  }
  const parts = buildSides(builder, plan, condition, need, (build) => build);
  const { build, keys, left, right, payload, leftOutput } = parts;
  if (kind === "inner" || kind === "semi" || kind === "right") {
    addKeyFilters(left, keys, keys.map((key) => key.left), build);
  }
  const givesRight = kind !== "semi" && kind !== "anti";
  const rightOutput = givesRight ? payload.filter((column) => need.all.has(column.id)) : [];
  const probe = new HashJoinProbe({
    kind,
    span: plan.span,
    build,
    keys: compileScalars(keys.map((key) => key.left), left.columns, builder.environment),
    residual: joinResidual(builder, condition.residual, left.columns, payload),
    leftOutput: leftOutput.map((column) => left.columns.indexOf(column)),
    leftTypes: leftOutput.map((column) => column.type),
    rightOutput: rightOutput.map((column) => payload.indexOf(column)),
    rowsMax: builder.environment.limits.joinFanOutMax,
  });
  return builder.append(left, probe, { plan, name: "join probe" }, {
    ...joinedStream(builder, parts, [...leftOutput, ...rightOutput]),
    bounds: (id) => left.bounds(id) ?? right.bounds(id),
    scan: kind === "right" || kind === "full" ? null : left.scan,
  });
}

/** How many times smaller the left side must be for a semi or anti join to build on it. */
const LEFT_SHARE = 0.5;

function isLeftSmaller(builder: PhysicalBuilder, plan: JoinPlan, condition: JoinCondition): boolean {
  if (condition.keys.length === 0) return false;
  const left = builder.estimate(plan.left, Infinity);
  const right = builder.estimate(plan.right, 0);
  return left < right * LEFT_SHARE;
}

/** A semi or anti join that keeps its left side, lets the right side mark it, and then gives it. */
function buildOnLeft(
  builder: PhysicalBuilder,
  plan: JoinPlan,
  kind: "semi" | "anti",
  { keys, residual }: JoinCondition,
  need: Need,
): Stream {
  const leftColumns = planColumns(plan.left);
  const residualRead = residual === null ? [] : references([residual]);
  const leftKeys = keys.map((key) => key.left);
  const leftRead = references(leftKeys);
  const leftKept = restrict(union(need.all, residualRead), leftColumns);
  const left = builder.build(plan.left, { all: union(leftKept, leftRead), soon: leftRead });
  const payload = left.columns.filter((column) => leftKept.has(column.id));
  const table = new KeyTable(
    keys.map(({ left: scalar, nullMatches }): KeyColumn => ({
      type: scalar.type,
      nullIsKey: nullMatches,
      bounds: keyBounds(scalar, left),
    })),
    left.rowsExpected + builder.estimate(plan.right, left.rowsExpected),
  );
  const build = new JoinBuild({
    types: payload.map((column) => column.type),
    positions: payload.map((column) => left.columns.indexOf(column)),
    keys: compileScalars(leftKeys, left.columns, builder.environment),
    table,
    memory: builder.memoryShare(),
  });
  builder.run(left, build, plan, "join build");
  const rightKeys = keys.map((key) => key.right);
  const rightRead = references(rightKeys);
  const right = builder.build(plan.right, {
    all: union(restrict(union(residualRead), planColumns(plan.right)), rightRead),
    soon: rightRead,
  });
  addKeyFilters(right, keys, rightKeys, build);
  const marking = new MarkMatches(
    build,
    compileScalars(rightKeys, right.columns, builder.environment),
    joinResidual(builder, residual, right.columns, payload),
  );
  builder.run(builder.append(right, marking, { plan, name: "join mark" }), new DiscardSink());
  const columns = payload.filter((column) => need.all.has(column.id));
  const positions = columns.map((column) => payload.indexOf(column));
  const source = new MarkedSource(marking, build, positions, kind === "semi");
  return {
    ...builder.start(source, columns, { plan, counts: builder.record(plan, "marked") }, left.rowsExpected),
    bounds: left.bounds,
    // Rows of the left that are dropped before they are kept are not given either.
    scan: left.scan,
  };
}

function buildMarkJoin(builder: PhysicalBuilder, plan: JoinPlan, need: Need): Stream {
  const condition = splitCondition(plan.condition, planColumns(plan.left), planColumns(plan.right));
  const simple = condition.residual === null && condition.keys.length <= 1;
  // Rows are decided by the whole condition, so its columns are kept.
  const read = simple || plan.condition === null ? [] : references([plan.condition]);
  const parts = buildSides(
    builder,
    plan,
    condition,
    { ...need, all: union(need.all, read) },
    (build) => build,
  );
  const { build, keys, left, payload } = parts;
  const leftOutput = left.columns.filter((column) => need.all.has(column.id));
  const leftRead = left.columns.filter((column) => new Set(read).has(column.id));
  const operator = new MarkJoinOperator({
    build,
    keys: compileScalars(keys.map((key) => key.left), left.columns, builder.environment),
    strictKeys: keys.map((key) => !key.nullMatches),
    simple,
    condition: simple || plan.condition === null
      ? null
      : compileScalar(plan.condition, [...leftRead, ...payload], builder.environment),
    left: leftRead.map((column) => left.columns.indexOf(column)),
    right: payload.map((_, index) => index),
    leftOutput: leftOutput.map((column) => left.columns.indexOf(column)),
  });
  const mark = plan.mark === undefined ? [] : [plan.mark];
  return builder.append(left, operator, { plan, name: "mark join" }, {
    columns: [...leftOutput, ...mark],
    rowsExpected: left.rowsExpected,
  });
}

function buildAsofJoin(builder: PhysicalBuilder, plan: JoinPlan, need: Need): Stream {
  const { asof } = plan;
  assert(asof !== undefined, "An ASOF join has an inequality");
  const rightColumns = planColumns(plan.right);
  const condition = splitCondition(plan.condition, planColumns(plan.left), rightColumns);
  let filtered = plan;
  if (condition.residual !== null) {
    if ([...freeColumns(condition.residual)].some((id) => !rightColumns.some((column) => column.id === id))) {
      throw new QueryError(
        "unsupported",
        "ASOF JOIN takes equalities and conditions on its right side only",
        {
          hint: "move other conditions to WHERE",
        },
      );
    }
    filtered = { ...plan, right: { kind: "filter", input: plan.right, predicate: condition.residual } };
  }
  let asofBuild: AsofBuild | undefined;
  const scalars = { left: [asof.left], right: [asof.right] };
  const keysOnly = { ...condition, residual: null };
  const parts = buildSides(builder, filtered, keysOnly, need, (build, right) => {
    const value = compileScalar(asof.right, right.columns, builder.environment);
    return asofBuild = new AsofBuild(build, value);
  }, scalars);
  assert(asofBuild !== undefined, "The build side was made");
  const { keys, left, payload, leftOutput } = parts;
  const rightOutput = payload.filter((column) => need.all.has(column.id));
  const probe = new AsofProbe({
    build: asofBuild,
    keys: compileScalars(keys.map((key) => key.left), left.columns, builder.environment),
    value: compileScalar(asof.left, left.columns, builder.environment),
    operator: asof.operator,
    keepsLeft: plan.join === "asofLeft",
    leftOutput: leftOutput.map((column) => left.columns.indexOf(column)),
    rightOutput: rightOutput.map((column) => payload.indexOf(column)),
  });
  return builder.append(left, probe, { plan, name: "asof join" }, {
    ...joinedStream(builder, { ...parts, plan }, [...leftOutput, ...rightOutput]),
    bounds: (id) => left.bounds(id) ?? parts.right.bounds(id),
  });
}

/** Plans the right side into a build and then the left side. `extra`: expressions that are read besides. */
function buildSides(
  builder: PhysicalBuilder,
  plan: JoinPlan,
  condition: JoinCondition,
  need: Need,
  sinkOf: (build: JoinBuild, right: Stream) => Sink,
  extra: { readonly left: readonly Scalar[]; readonly right: readonly Scalar[] } = { left: [], right: [] },
): JoinParts {
  const { keys, residual } = condition;
  const leftColumns = planColumns(plan.left);
  const rightColumns = planColumns(plan.right);
  const used = union(need.all, residual === null ? [] : references([residual]));
  const rightRead = references([...keys.map((key) => key.right), ...extra.right]);
  const rightKept = restrict(used, rightColumns);
  const right = builder.build(plan.right, { all: union(rightKept, rightRead), soon: rightRead });
  const payload = right.columns.filter((column) => rightKept.has(column.id));
  const table = new KeyTable(
    keys.map((key): KeyColumn => ({
      type: key.right.type,
      nullIsKey: key.nullMatches,
      bounds: keyBounds(key.right, right),
    })),
    builder.estimate(plan.left, right.rowsExpected) + right.rowsExpected,
  );
  const build = new JoinBuild({
    types: payload.map((column) => column.type),
    positions: payload.map((column) => right.columns.indexOf(column)),
    keys: compileScalars(keys.map((key) => key.right), right.columns, builder.environment),
    table,
    memory: builder.memoryShare(),
  });
  builder.run(right, sinkOf(build, right), plan, "join build");
  const leftRead = references([...keys.map((key) => key.left), ...extra.left]);
  const left = builder.build(plan.left, {
    all: union(restrict(used, leftColumns), leftRead),
    soon: leftRead,
  });
  const leftOutput = left.columns.filter((column) => need.all.has(column.id));
  return { plan, keys, residual, build, payload, right, left, leftOutput };
}

/** Columns as the join gives them: some become nullable. */
function joinedStream(
  builder: PhysicalBuilder,
  { plan, left }: JoinParts,
  columns: readonly PlanColumn[],
): Pick<Stream, "columns" | "rowsExpected"> {
  const produced = new Map(planColumns(plan).map((column) => [column.id, column]));
  return {
    columns: columns.map((column) => produced.get(column.id) ?? column),
    rowsExpected: builder.estimate(plan, left.rowsExpected),
  };
}

/** Takes `condition` apart into equalities between the sides and the rest. */
export function splitCondition(
  condition: Scalar | null,
  leftColumns: readonly PlanColumn[],
  rightColumns: readonly PlanColumn[],
): JoinCondition {
  const leftIds = new Set(leftColumns.map((column) => column.id));
  const rightIds = new Set(rightColumns.map((column) => column.id));
  const keys: JoinKey[] = [];
  const rest: Scalar[] = [];
  for (const conjunct of splitConjuncts(condition)) {
    const key = asKey(conjunct, leftIds, rightIds);
    if (key === undefined) rest.push(conjunct);
    else keys.push(key);
  }
  return { keys, residual: conjunction(rest) };
}

function asKey(
  conjunct: Scalar,
  leftIds: ReadonlySet<number>,
  rightIds: ReadonlySet<number>,
): JoinKey | undefined {
  if (conjunct.kind !== "call") return undefined;
  if (conjunct.name !== "=" && conjunct.name !== "is not distinct from") return undefined;
  const [a, b] = conjunct.arguments;
  if (a === undefined || b === undefined) return undefined;
  const nullMatches = conjunct.name !== "=";
  if (readsOnly(a, leftIds) && readsOnly(b, rightIds)) return alignedKey(a, b, nullMatches);
  if (readsOnly(b, leftIds) && readsOnly(a, rightIds)) return alignedKey(b, a, nullMatches);
  return undefined;
}

function readsOnly(scalar: Scalar, ids: ReadonlySet<number>): boolean {
  const read = freeColumns(scalar);
  if (read.size === 0) return false;
  for (const id of read) if (!ids.has(id)) return false;
  return true;
}

/** Both sides in one type, so that equal values get equal codes. */
function alignedKey(left: Scalar, right: Scalar, nullMatches: boolean): JoinKey {
  const type = keyType(left.type, right.type);
  if (type === null) return { left, right, nullMatches };
  return { left: castTo(left, type), right: castTo(right, type), nullMatches };
}

/** The type to cast both sides to; `null` when their values compare as they are. */
function keyType(a: SqlType, b: SqlType): SqlType | null {
  if (a.kind === "double" || a.kind === "real" || b.kind === "double" || b.kind === "real") {
    return a.kind === b.kind || (isFloat(a) && isFloat(b)) ? null : DOUBLE;
  }
  if (a.kind === b.kind && a.kind !== "decimal") return null;
  if (!isExact(a) || !isExact(b)) return null;
  if (a.kind === "numeric" || b.kind === "numeric") return NUMERIC;
  const scaleA = a.kind === "decimal" ? a.scale : 0;
  const scaleB = b.kind === "decimal" ? b.scale : 0;
  return scaleA === scaleB ? null : decimalType(1000, Math.max(scaleA, scaleB));
}

function isFloat(type: SqlType): boolean {
  return type.kind === "double" || type.kind === "real";
}

function isExact(type: SqlType): boolean {
  return type.kind === "smallint" || type.kind === "integer" || type.kind === "bigint" ||
    type.kind === "decimal" || type.kind === "numeric";
}

function castTo(argument: Scalar, type: SqlType): Scalar {
  return { kind: "cast", argument, type, tolerant: false, explicit: false };
}

function keyBounds(scalar: Scalar, stream: Stream): KeyBounds | undefined {
  return scalar.kind === "column" ? stream.bounds(scalar.id) : undefined;
}

/** Lets the keys of a build side filter the scan below the probe side, whose key expressions are `probeKeys`. */
function addKeyFilters(
  probe: Stream,
  keys: readonly JoinKey[],
  probeKeys: readonly Scalar[],
  build: JoinBuild,
): void {
  const { scan } = probe;
  if (scan === null) return;
  keys.forEach((key, j) => {
    const scalar = probeKeys[j]!;
    const ordinal = scalar.kind === "column" && !key.nullMatches ? scan.ordinals.get(scalar.id) : undefined;
    if (ordinal !== undefined) scan.source.addKeyFilter(new JoinKeyFilter(ordinal, build, j));
  });
}

function joinResidual(
  builder: PhysicalBuilder,
  residual: Scalar | null,
  leftColumns: readonly PlanColumn[],
  rightColumns: readonly PlanColumn[],
): JoinResidual | null {
  if (residual === null) return null;
  const read = references([residual]);
  const left = leftColumns.filter((column) => read.has(column.id));
  const right = rightColumns.filter((column) => read.has(column.id));
  return {
    predicate: compilePredicate(residual, [...left, ...right], builder.environment),
    left: left.map((column) => leftColumns.indexOf(column)),
    right: right.map((column) => rightColumns.indexOf(column)),
  };
}
