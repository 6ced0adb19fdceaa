/**
 * Builds common tables: computed once, read wherever they are named; and recursive ones.
 *
 * @module
 */
import { assert } from "../base/assert.ts";
import type { ColumnId, CteScanPlan, FixpointPlan, Plan, WithPlan } from "../query/plan.ts";
import { planColumns, planNodes } from "../query/plan_walk.ts";
import { Fixpoint } from "./operators/fixpoint.ts";
import { CollectSink, RowStore, StoreSource } from "./operators/row_store.ts";
import type { Need } from "./need.ts";
import type { CommonTable, PhysicalBuilder, Stream } from "./physical.ts";

/** Computes the tables that are read, then the input. */
export function buildWith(builder: PhysicalBuilder, plan: WithPlan, need: Need): Stream {
  plan.tables.forEach(({ cte, plan: table }, index) => {
    const readers = [...plan.tables.slice(index + 1).map((each) => each.plan), plan.input];
    const read = columnsRead(cte, readers);
    if (read === null) return;
    const ids = planColumns(table).map((column) => column.id).filter((id) => read.has(id));
    builder.commonTables.set(cte, collect(builder, table, ids));
  });
  return builder.build(plan.input, need);
}

/** The ids of common table `cte` that `plans` read; `null` when they do not read it. */
function columnsRead(cte: number, plans: readonly Plan[]): Set<ColumnId> | null {
  let read: Set<ColumnId> | null = null;
  for (const plan of plans) {
    for (const node of planNodes(plan)) {
      if (node.kind !== "cteScan" || node.cte !== cte) continue;
      read ??= new Set();
      for (const column of node.columns) read.add(column.source);
    }
  }
  return read;
}

function collect(builder: PhysicalBuilder, plan: Plan, ids: readonly ColumnId[]): CommonTable {
  const stream = builder.build(plan, { all: new Set(ids), soon: new Set() });
  const positions = builder.positions(stream, ids);
  const types = positions.map((position) => stream.columns[position]!.type);
  const sink = new CollectSink(types, positions, builder.memoryShare());
  builder.run(stream, sink, plan, "common table");
  return {
    ids,
    store: () => sink.store,
    rowsExpected: stream.rowsExpected,
    bounds: stream.bounds,
  };
}

/** Reads a common table. */
export function buildCteScan(builder: PhysicalBuilder, plan: CteScanPlan, need: Need): Stream {
  const table = commonTable(builder, plan.cte);
  const columns = plan.columns.filter((column) => need.all.has(column.id));
  const positions = columns.map(({ source }) => {
    const position = table.ids.indexOf(source);
    assert(position >= 0, () => `Common table has no column ${source}`);
    return position;
  });
  const source = new StoreSource(table.store, positions);
  const counts = builder.record(plan, "common table scan");
  return {
    ...builder.start(source, columns, { plan, counts }, table.rowsExpected),
    bounds: (id) => {
      const column = columns.find((each) => each.id === id);
      return column === undefined ? undefined : table.bounds(column.source);
    },
  };
}

function commonTable(builder: PhysicalBuilder, cte: number): CommonTable {
  const known = builder.commonTables.get(cte);
  if (known !== undefined) return known;
  const given = builder.environment.commonTables?.get(cte);
  assert(given !== undefined, () => `Common table is not defined: received ${cte}`);
  const store = new RowStore(given.columns.map((_, index) => given.types[index]!));
  store.append(given.columns, given.rowCount);
  const table: CommonTable = {
    ids: given.ids,
    store: () => store,
    rowsExpected: given.rowCount,
    bounds: () => undefined,
  };
  builder.commonTables.set(cte, table);
  return table;
}

/** Runs a recursive common table to its end. */
export function buildFixpoint(builder: PhysicalBuilder, plan: FixpointPlan, need: Need): Stream {
  const ids = plan.columns.map((column) => column.id);
  const fixpoint: Fixpoint = new Fixpoint({
    types: plan.columns.map((column) => column.type),
    keepsDuplicates: plan.all,
    memory: builder.memoryShare(),
    base: (sink) => {
      const base = builder.nested();
      const stream = base.build(plan.base, { all: new Set(plan.baseColumns), soon: new Set() });
      base.run(stream, sink.at(base.positions(stream, plan.baseColumns)), plan, "recursion base");
      return base.tasks;
    },
    round: (sink) => {
      const round = builder.nested();
      round.commonTables.set(plan.cte, {
        ids,
        store: () => fixpoint.delta,
        rowsExpected: fixpoint.delta.rowCount,
        bounds: () => undefined,
      });
      const stream = round.build(plan.step, { all: new Set(plan.stepColumns), soon: new Set() });
      round.run(stream, sink.at(round.positions(stream, plan.stepColumns)), plan, "recursion step");
      return round.tasks;
    },
  });
  builder.tasks.push(fixpoint);
  const columns = plan.columns.filter((column) => need.all.has(column.id));
  const source = new StoreSource(() => fixpoint.all, columns.map((column) => plan.columns.indexOf(column)));
  return builder.start(source, columns, { plan, counts: builder.record(plan, "recursion") }, 1000);
}
