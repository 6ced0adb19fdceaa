/**
 * Delta joins: the change of a join from the change of one relation, by index lookups into the others.
 *
 * ```
 * delta of orders ─► find customer by c_custkey ─► find nation by n_nationkey ─► rows of the join, weighted
 * ```
 *
 * No state is kept: the indexes belong to the tables and serve every view. There is one path per relation, and
 * relations are worked through in a fixed order: the path of relation i sees the new version of those before
 * it and the old version of those after it, where the old version is the new one minus the delta. So each
 * changed row costs the number of its matches, whatever the size of the tables. Algorithm: Gupta and Mumick,
 * "Maintenance of Materialized Views", 1995; the fixed order as in Abadi et al., Differential Dataflow.
 *
 * @module
 */
import { evaluateRow, type RowEnvironment, type RowLookup } from "../exec/row_evaluator.ts";
import type { ColumnId, Scalar, ScanPlan } from "../query/plan.ts";
import { freeColumns } from "../query/plan_walk.ts";
import type { Datum, SqlType } from "../storage/sql_type.ts";
import type { JoinGraph } from "./join_graph.ts";
import { reducedTo } from "./used_columns.ts";
import { rowKey, type WeightedRow } from "./zset.ts";

/** How a circuit reads the tables as they are after the change. */
export interface CircuitTables {
  /** Appends the row ids with this key in the columns `ordinals` to `into`. */
  find(table: string, ordinals: readonly number[], key: readonly Datum[], into: number[]): void;
  row(table: string, rowId: number): readonly Datum[];
  rowIds(table: string): Iterable<number>;
}

/** Changes by table. */
export type TableChanges = ReadonlyMap<string, readonly WeightedRow[]>;

/** Receives a row of the join by column id. */
export type JoinedRow = (lookup: RowLookup, weight: number) => void;

/** Columns of a table that a join looks up: they want an index. */
export interface WantedIndex {
  readonly table: string;
  readonly ordinals: readonly number[];
}

/** One relation joined to those before it in a path. */
interface Step {
  readonly relation: number;
  /** Columns of the relation that are fixed by `key`; empty: every row is looked at. */
  readonly ordinals: readonly number[];
  readonly key: readonly Scalar[];
  readonly keyTypes: readonly SqlType[];
  /** Conjuncts that can be decided once this relation is there. */
  readonly conjuncts: readonly Scalar[];
}

/** What one change is worked through with. */
interface Pass {
  readonly tables: CircuitTables;
  readonly changes: TableChanges;
  readonly env: RowEnvironment;
  readonly emit: JoinedRow;
  /** Deltas of later relations by key, made when first needed. */
  readonly deltaIndexes: Map<Step, Map<string, WeightedRow[]>>;
  readonly rows: (readonly Datum[] | undefined)[];
}

/** The delta join of a graph; see the module header. */
export class DeltaJoin {
  readonly #graph: JoinGraph;
  readonly #used: ReadonlySet<ColumnId> | undefined;
  readonly #paths: readonly (readonly Step[])[];
  readonly #places = new Map<ColumnId, { readonly relation: number; readonly ordinal: number }>();
  /** Rows looked at since the start: shows that the work follows the change. */
  examinedRows = 0;

  /** `used`: the columns that matter to the conditions and to the receiver of rows; all when absent. */
  constructor(
    graph: JoinGraph,
    primaryKey: (table: string) => readonly number[],
    used?: ReadonlySet<ColumnId>,
  ) {
    this.#graph = graph;
    this.#used = used;
    graph.relations.forEach((scan, relation) => {
      for (const { id, ordinal } of scan.columns) this.#places.set(id, { relation, ordinal });
    });
    this.#paths = graph.relations.map((_, relation) => planPath(graph, relation, primaryKey));
  }

  /** The indexes that the lookups need. */
  wantedIndexes(): readonly WantedIndex[] {
    return this.#paths.flatMap((path) =>
      path.slice(1).flatMap(({ relation, ordinals }) =>
        ordinals.length === 0 ? [] : [{ table: this.#graph.relations[relation]!.table, ordinals }]
      )
    );
  }

  /** Emits the change of the join. */
  apply(tables: CircuitTables, changes: TableChanges, env: RowEnvironment, emit: JoinedRow): void {
    this.#graph.relations.forEach((scan, relation) => {
      const whole = changes.get(scan.table);
      if (whole === undefined || whole.length === 0) return;
      const delta = this.#used === undefined ? whole : reducedTo(this.#used, scan, whole);
      const pass: Pass = { tables, changes, env, emit, deltaIndexes: new Map(), rows: [] };
      const path = this.#paths[relation]!;
      for (const { row, weight } of delta) {
        this.examinedRows++;
        pass.rows[relation] = row;
        this.#advance(pass, path, 0, weight);
      }
    });
  }

  /** Emits the join of `rows` of the first relation with the others as they are. */
  applyFirst(tables: CircuitTables, rows: Iterable<WeightedRow>, env: RowEnvironment, emit: JoinedRow): void {
    const pass: Pass = { tables, changes: new Map(), env, emit, deltaIndexes: new Map(), rows: [] };
    for (const { row, weight } of rows) {
      this.examinedRows++;
      pass.rows[0] = row;
      this.#advance(pass, this.#paths[0]!, 0, weight);
    }
  }

  #advance(pass: Pass, path: readonly Step[], at: number, weight: number): void {
    const lookup = this.#lookup(pass);
    for (const conjunct of path[at]!.conjuncts) {
      if (evaluateRow(conjunct, lookup, pass.env) !== true) return;
    }
    const next = path[at + 1];
    if (next === undefined) {
      pass.emit(lookup, weight);
      return;
    }
    const key = next.key.map((scalar) => evaluateRow(scalar, lookup, pass.env));
    if (key.includes(null)) return;
    const { table } = this.#graph.relations[next.relation]!;
    const visit = (row: readonly Datum[], rowWeight: number) => {
      this.examinedRows++;
      pass.rows[next.relation] = row;
      this.#advance(pass, path, at + 1, weight * rowWeight);
    };
    if (next.ordinals.length === 0) {
      for (const rowId of pass.tables.rowIds(table)) visit(pass.tables.row(table, rowId), 1);
    } else {
      const found: number[] = [];
      pass.tables.find(table, next.ordinals, key, found);
      for (const rowId of found) visit(pass.tables.row(table, rowId), 1);
    }
    if (next.relation > path[0]!.relation) {
      for (const { row, weight: later } of this.#deltaMatches(pass, next, key)) visit(row, -later);
    }
    pass.rows[next.relation] = undefined;
  }

  /** Rows of the delta of a later relation with this key: what the old version does not have. */
  #deltaMatches(pass: Pass, step: Step, key: readonly Datum[]): readonly WeightedRow[] {
    const delta = pass.changes.get(this.#graph.relations[step.relation]!.table);
    if (delta === undefined || delta.length === 0) return [];
    if (step.ordinals.length === 0) return delta;
    let index = pass.deltaIndexes.get(step);
    if (index === undefined) {
      index = new Map();
      for (const change of delta) {
        const text = rowKey(step.ordinals.map((ordinal) => change.row[ordinal]!), step.keyTypes);
        const bucket = index.get(text);
        if (bucket === undefined) index.set(text, [change]);
        else bucket.push(change);
      }
      pass.deltaIndexes.set(step, index);
    }
    return index.get(rowKey(key, step.keyTypes)) ?? [];
  }

  #lookup(pass: Pass): RowLookup {
    const places = this.#places;
    return (id) => {
      const place = places.get(id)!;
      return pass.rows[place.relation]![place.ordinal]!;
    };
  }
}

/** Relations in the order in which a delta of `first` meets them: those with keys first. */
function planPath(
  graph: JoinGraph,
  first: number,
  primaryKey: (table: string) => readonly number[],
): readonly Step[] {
  const bound = new Set<ColumnId>(graph.relations[first]!.columns.map((column) => column.id));
  const open = new Set(graph.conjuncts);
  const steps: Step[] = [{
    relation: first,
    ordinals: [],
    key: [],
    keyTypes: [],
    conjuncts: takeDecidable(open, bound),
  }];
  const left = new Set(graph.relations.keys());
  left.delete(first);
  while (left.size > 0) {
    let best: { relation: number; keys: readonly EqualKey[]; unique: boolean } | undefined;
    for (const relation of left) {
      const scan = graph.relations[relation]!;
      const keys = equalKeys(scan, open, bound);
      const primary = primaryKey(scan.table);
      const unique = primary.length > 0 &&
        primary.every((ordinal) => keys.some((key) => key.ordinal === ordinal));
      const better = best === undefined || (unique && !best.unique) ||
        (unique === best.unique && keys.length > 0 && best.keys.length === 0);
      if (better) {
        best = {
          relation,
          keys: unique ? keys.filter((key) => primary.includes(key.ordinal)) : keys,
          unique,
        };
      }
    }
    const { relation, keys } = best!;
    left.delete(relation);
    const ordered = [...keys].sort((a, b) => a.ordinal - b.ordinal);
    graph.relations[relation]!.columns.forEach((column) => bound.add(column.id));
    steps.push({
      relation,
      ordinals: ordered.map((key) => key.ordinal),
      key: ordered.map((key) => key.value),
      keyTypes: ordered.map((key) => key.value.type),
      // The key's own equality is decided by the lookup; evaluating it again is cheap and keeps residuals whole.
      conjuncts: takeDecidable(open, bound),
    });
  }
  return steps;
}

interface EqualKey {
  readonly ordinal: number;
  readonly value: Scalar;
}

/** `column of scan = something bound`, one per column. */
function equalKeys(
  scan: ScanPlan,
  conjuncts: ReadonlySet<Scalar>,
  bound: ReadonlySet<ColumnId>,
): readonly EqualKey[] {
  const keys = new Map<number, EqualKey>();
  for (const conjunct of conjuncts) {
    if (conjunct.kind !== "call" || conjunct.name !== "=") continue;
    const [left, right] = conjunct.arguments;
    for (const [column, value] of [[left!, right!], [right!, left!]] as const) {
      if (column.kind !== "column" || column.type.kind !== value.type.kind) continue;
      const ordinal = scan.columns.find((candidate) => candidate.id === column.id)?.ordinal;
      if (ordinal === undefined || keys.has(ordinal)) continue;
      if ([...freeColumns(value)].every((id) => bound.has(id))) keys.set(ordinal, { ordinal, value });
    }
  }
  return [...keys.values()];
}

function takeDecidable(open: Set<Scalar>, bound: ReadonlySet<ColumnId>): readonly Scalar[] {
  const decidable = [...open].filter((conjunct) => [...freeColumns(conjunct)].every((id) => bound.has(id)));
  decidable.forEach((conjunct) => open.delete(conjunct));
  return decidable;
}
