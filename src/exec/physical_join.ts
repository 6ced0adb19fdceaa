/**
 * Builds joins: equalities between the sides become keys of a hash join, the rest a residual condition.
 *
 * The right side is built first, then the left one is probed against it; its keys, once known, filter the
 * scan that feeds the left side. A join without equalities is a nested loop: a hash join on no key.
 *
 * @module
 */
import type { JoinPlan, PlanColumn, Scalar } from "../query/plan.ts";
import { conjunction, freeColumns, planColumns, splitConjuncts } from "../query/plan_walk.ts";
import { decimalType, DOUBLE, NUMERIC, type SqlType } from "../storage/sql_type.ts";
import { compileScalars } from "./expression/compile.ts";
import { compilePredicate } from "./expression/predicate.ts";
import { type KeyColumn, KeyTable } from "./key_table.ts";
import type { KeyBounds } from "./key_table_encoder.ts";
import { JoinBuild } from "./operators/hash_join_build.ts";
import { HashJoinProbe, type JoinResidual, type ProbeKind } from "./operators/hash_join_probe.ts";
import { JoinKeyFilter } from "./operators/join_key_filter.ts";
import { type Need, type PhysicalBuilder, references, restrict, type Stream, union } from "./physical.ts";

/** An equality of a join condition. */
interface JoinKey {
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

/** Joins two inputs. */
export function buildJoin(builder: PhysicalBuilder, plan: JoinPlan, need: Need): Stream {
  const leftColumns = planColumns(plan.left);
  const rightColumns = planColumns(plan.right);
  const { keys, residual } = splitCondition(plan.condition, leftColumns, rightColumns);
  const residualIds = residual === null ? new Set<number>() : references([residual]);
  const leftKeys = keys.map((key) => key.left);
  const rightKeys = keys.map((key) => key.right);
  const used = union(need.all, residualIds);
  const kind = probeKind(plan);

  const rightRead = references(rightKeys);
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
    keys: compileScalars(rightKeys, right.columns, builder.environment),
    table,
    memory: builder.memoryShare(),
  });
  builder.run(right, build, plan, "join build");

  const leftRead = references(leftKeys);
  const left = builder.build(plan.left, {
    all: union(restrict(used, leftColumns), leftRead),
    soon: leftRead,
  });
  if (kind === "inner" || kind === "semi" || kind === "right") addKeyFilter(left, keys, build);
  const leftOutput = left.columns.filter((column) => need.all.has(column.id));
  const givesRight = kind !== "semi" && kind !== "anti";
  const rightOutput = givesRight ? payload.filter((column) => need.all.has(column.id)) : [];
  const probe = new HashJoinProbe({
    kind,
    build,
    keys: compileScalars(leftKeys, left.columns, builder.environment),
    residual: joinResidual(builder, residual, left.columns, payload),
    leftOutput: leftOutput.map((column) => left.columns.indexOf(column)),
    leftTypes: leftOutput.map((column) => column.type),
    rightOutput: rightOutput.map((column) => payload.indexOf(column)),
    rowsMax: builder.environment.limits.joinFanOutMax,
  });
  const produced = new Map(planColumns(plan).map((column) => [column.id, column]));
  return builder.append(left, probe, { plan, name: "join probe" }, {
    columns: [...leftOutput, ...rightOutput].map((column) => produced.get(column.id) ?? column),
    rowsExpected: builder.estimate(plan, left.rowsExpected),
    bounds: (id) => left.bounds(id) ?? right.bounds(id),
    scan: kind === "right" || kind === "full" ? null : left.scan,
  });
}

function probeKind(plan: JoinPlan): ProbeKind {
  switch (plan.join) {
    case "mark":
    case "asof":
    case "asofLeft":
      return "inner";
    default:
      return plan.join;
  }
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

/** Lets the keys of the build side filter the scan below the probe side. */
function addKeyFilter(left: Stream, keys: readonly JoinKey[], build: JoinBuild): void {
  const [key] = keys;
  if (keys.length !== 1 || key === undefined || key.left.kind !== "column" || left.scan === null) return;
  const ordinal = left.scan.ordinals.get(key.left.id);
  if (ordinal !== undefined) left.scan.source.addKeyFilter(new JoinKeyFilter(ordinal, build));
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
