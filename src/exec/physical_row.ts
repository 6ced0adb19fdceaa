/**
 * Builds scans, VALUES, filters, projections and DISTINCT.
 *
 * @module
 */
import type {
  ColumnId,
  DistinctPlan,
  FilterPlan,
  Plan,
  PlanColumn,
  ProjectPlan,
  Scalar,
  ScanPlan,
  ValuesPlan,
} from "../query/plan.ts";
import { conjunction, planColumns, splitConjuncts } from "../query/plan_walk.ts";
import { plainKind } from "./vector_build.ts";
import type { TableSnapshot } from "../storage/table_view.ts";
import { compileScalars } from "./expression/compile.ts";
import { compilePredicate } from "./expression/predicate.ts";
import { compileScanFilter } from "./expression/scan_filter.ts";
import { KeyTable } from "./key_table.ts";
import type { KeyBounds } from "./key_table_encoder.ts";
import { DistinctOperator } from "./operators/distinct.ts";
import { FilterOperator } from "./operators/filter.ts";
import { ProjectOperator } from "./operators/project.ts";
import { type ScannedColumn, ScanSource } from "./operators/scan.ts";
import { ValuesSource } from "./operators/values.ts";
import { type Need, references, union } from "./need.ts";
import type { PhysicalBuilder, Stream } from "./physical.ts";

/** Reads a table; `conjuncts` are pushed into the scan where they can be. */
export function buildScan(
  builder: PhysicalBuilder,
  plan: ScanPlan,
  conjuncts: readonly Scalar[],
  need: Need,
): Stream {
  const { environment } = builder;
  const snapshot = environment.snapshot(plan.table, plan.version);
  const filter = compileScanFilter(conjuncts, plan.columns, environment);
  const residualColumns = references(filter.residual);
  const all = union(need.all, residualColumns);
  // A residual filter may drop rows, so that only what it reads is needed soon.
  const soon = filter.residual.length === 0 ? need.soon : residualColumns;
  const columns: ScannedColumn[] = plan.columns
    .filter((column) => all.has(column.id))
    .map((column) => ({ ...column, eager: soon.has(column.id) }));
  if (plan.rowId !== undefined && all.has(plan.rowId.id)) {
    columns.push({ ...plan.rowId, ordinal: -1, eager: true });
  }
  const counts = builder.record(plan, "scan");
  const source = new ScanSource(snapshot, columns, filter, counts);
  const ordinals = new Map(plan.columns.map((column): [ColumnId, number] => [column.id, column.ordinal]));
  const stream: Stream = {
    ...builder.start(source, columns, { plan, counts }, snapshot.rowCount),
    bounds: scanBounds(snapshot, plan),
    scan: { source, ordinals },
  };
  const residual = conjunction(filter.residual);
  return residual === null ? stream : appendFilter(builder, stream, residual, { plan, need });
}

/** Bounds of the columns of a scan, from zone maps; computed when asked for. */
function scanBounds(snapshot: TableSnapshot, plan: ScanPlan): (id: ColumnId) => KeyBounds | undefined {
  const known = new Map<ColumnId, KeyBounds | undefined>();
  return (id) => {
    if (!known.has(id)) {
      const column = plan.columns.find((each) => each.id === id);
      known.set(id, column === undefined ? undefined : columnBounds(snapshot, column.ordinal));
    }
    return known.get(id);
  };
}

function columnBounds(snapshot: TableSnapshot, ordinal: number): KeyBounds | undefined {
  const { type } = snapshot.columns[ordinal]!;
  const kind = plainKind(type);
  if ((kind !== "i32" && kind !== "f64") || type.kind === "double" || type.kind === "real") return undefined;
  let min = Infinity;
  let max = -Infinity;
  for (const segment of snapshot.segments) {
    const { zone } = segment.column(ordinal);
    if (segment.slotCount === segment.deletedCount || zone.nullCount >= segment.slotCount) continue;
    if (zone.min === undefined || zone.max === undefined) return undefined;
    if (zone.min < min) min = zone.min;
    if (zone.max > max) max = zone.max;
  }
  return min <= max ? { min, max } : undefined;
}

/** Filters, inside the scan where the input is one. */
export function buildFilter(builder: PhysicalBuilder, plan: FilterPlan, need: Need): Stream {
  if (plan.input.kind === "scan") {
    const stream = buildScan(builder, plan.input, splitConjuncts(plan.predicate), need);
    return { ...stream, rowsExpected: builder.estimate(plan, stream.rowsExpected) };
  }
  const read = references([plan.predicate]);
  const input = builder.build(plan.input, { all: union(need.all, read), soon: read });
  return appendFilter(builder, input, plan.predicate, { plan, need });
}

/** Filters, and drops columns that only the predicate reads. */
function appendFilter(
  builder: PhysicalBuilder,
  stream: Stream,
  predicate: Scalar,
  node: { readonly plan: FilterPlan | ScanPlan; readonly need: Need },
): Stream {
  const compiled = compilePredicate(predicate, stream.columns, builder.environment);
  const columns = stream.columns.filter((column) => node.need.all.has(column.id));
  const positions = columns.map((column) => stream.columns.indexOf(column));
  return builder.append(
    stream,
    new FilterOperator(compiled, positions),
    { plan: node.plan, name: "filter" },
    {
      columns,
      rowsExpected: builder.estimate(node.plan, stream.rowsExpected),
    },
  );
}

/** Computes the needed items. */
export function buildProject(builder: PhysicalBuilder, plan: ProjectPlan, need: Need): Stream {
  return appendProject(builder, plan, need, (input, inputNeed) => builder.build(input, inputNeed));
}

/** Computes the needed items over what `build` makes of the input. */
export function appendProject(
  builder: PhysicalBuilder,
  plan: ProjectPlan,
  need: Need,
  build: (input: Plan, need: Need) => Stream,
): Stream {
  const items = plan.items.filter((item) => need.all.has(item.id));
  const computed = items.filter((item) => item.expression.kind !== "column").map((item) => item.expression);
  const passed = items.filter((item) => need.soon.has(item.id)).map((item) => item.expression);
  const input = build(plan.input, {
    all: references(items.map((item) => item.expression)),
    soon: references([...computed, ...passed]),
  });
  const origin = new Map<ColumnId, ColumnId>();
  for (const { id, expression } of items) if (expression.kind === "column") origin.set(id, expression.id);
  const columns = items.map(({ id, name, type, nullable }): PlanColumn => ({ id, name, type, nullable }));
  const projection = compileScalars(items.map((item) => item.expression), input.columns, builder.environment);
  return builder.append(input, new ProjectOperator(projection), { plan, name: "project" }, {
    columns,
    bounds: (id) => origin.has(id) ? input.bounds(origin.get(id)!) : undefined,
    scan: input.scan === null ? null : { ...input.scan, ordinals: renamed(input.scan.ordinals, origin) },
  });
}

function renamed(
  ordinals: ReadonlyMap<ColumnId, number>,
  origin: ReadonlyMap<ColumnId, ColumnId>,
): ReadonlyMap<ColumnId, number> {
  const result = new Map<ColumnId, number>();
  for (const [id, from] of origin) {
    const ordinal = ordinals.get(from);
    if (ordinal !== undefined) result.set(id, ordinal);
  }
  return result;
}

/** Literal rows. */
export function buildValues(builder: PhysicalBuilder, plan: ValuesPlan, need: Need): Stream {
  const kept = plan.columns.map((column, index) => ({ column, index })).filter(({ column }) =>
    need.all.has(column.id)
  );
  const columns = kept.map(({ column }) => column);
  const rows = plan.rows.map((row) => kept.map(({ index }) => row[index]!));
  const counts = builder.record(plan, "values");
  const source = new ValuesSource(columns, rows, builder.environment);
  return builder.start(source, columns, { plan, counts }, plan.rows.length);
}

/** DISTINCT, and DISTINCT ON: the first row of each key in the order of `orderBy`. */
export function buildDistinct(builder: PhysicalBuilder, plan: DistinctPlan, need: Need): Stream {
  if (plan.on === undefined) {
    const all = new Set(planColumns(plan.input).map((column) => column.id));
    return appendDistinct(builder, builder.build(plan.input, { all, soon: all }), plan);
  }
  const { keys, orderBy, ties = [] } = plan.on;
  const read = references(keys);
  const sorted: Plan = orderBy.length === 0
    ? plan.input
    : { kind: "sort", input: plan.input, keys: orderBy, ties };
  const input = builder.build(sorted, { all: union(need.all, read), soon: read });
  const table = new KeyTable(keys.map(({ type }) => ({ type })), input.rowsExpected);
  const projection = compileScalars(keys, input.columns, builder.environment);
  const operator = new DistinctOperator(table, builder.memoryShare(), projection);
  return builder.append(input, operator, { plan, name: "distinct on" }, {
    rowsExpected: builder.estimate(plan, input.rowsExpected),
    scan: null,
  });
}

/** Removes duplicate rows of `stream`. */
export function appendDistinct(builder: PhysicalBuilder, stream: Stream, plan: Plan): Stream {
  const keys = stream.columns.map(({ id, type }) => ({ type, bounds: stream.bounds(id) }));
  const operator = new DistinctOperator(new KeyTable(keys, stream.rowsExpected), builder.memoryShare());
  return builder.append(stream, operator, { plan, name: "distinct" }, {
    rowsExpected: builder.estimate(plan, stream.rowsExpected),
    scan: null,
  });
}
