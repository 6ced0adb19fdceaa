/**
 * The two ways in which a join finds the rows of one of its inputs by key.
 *
 * | access | for | state | sees the change of an epoch |
 * |---|---|---|---|
 * | arranged | any input | all its rows | once it is applied |
 * | stored | a table, maybe filtered, by plain columns or whole | none: the table's own index | from the start |
 *
 * A stored row before the epoch is one that is there now and not in the change: so a join takes away again what it
 * finds in the change.
 *
 * @module
 */
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { compileScalars, type ProjectionEvaluator } from "../../exec/expression/compile.ts";
import type { Scalar } from "../../query/plan.ts";
import { scalarKey } from "../../query/plan_key.ts";
import { ProbeKeys } from "../../storage/probe_keys.ts";
import { RowPairs } from "../../storage/row_pairs.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import type { CircuitNode } from "../circuit_node.ts";
import { type Delta, selectDelta, uniformDelta } from "../delta.ts";
import { DeltaKeys } from "./delta_keys.ts";
import { ArrangedSource, type RowSource, StoredSource } from "./join_source.ts";
import { KeyedInput } from "../rows/keyed_input.ts";
import type { TableLookup } from "../live_tables.ts";
import { FilterNode } from "../nodes/linear.ts";
import { TableNode } from "../nodes/source.ts";

/** What a join runs with. */
export interface JoinEnvironment {
  readonly execution: ExecutionEnvironment;
  /** For inputs that are tables. */
  readonly tables?: TableLookup;
}

/** The key of an input in a join. */
export interface SideKey {
  readonly scalars: readonly Scalar[];
  /** Whether NULL finds NULL: IS NOT DISTINCT FROM. */
  readonly nullIsKey: boolean;
}

/** Finds the rows of an input by key. */
export interface JoinAccess {
  readonly key: SideKey;
  readonly source: RowSource;
  readonly stateBytes: number;
  /** Whether `find` sees the change of the epoch before `apply`. */
  readonly isAhead: boolean;
  /** Adds a pair for each of `size` keys and each row with that key; gives the number of rows looked at. */
  find(keys: readonly Vector[], size: number, pairs: RowPairs): number;
  /** About how many rows there are. */
  readonly rowCount: number;
  /** Weight of a row that was found; null when all have weight 1. */
  readonly weights: Int32Array | null;
  /** The keys of rows of the input; they hold until the next call. */
  keysOf(delta: Pick<Delta, "columns" | "size">): readonly Vector[];
}

/** Any input, arranged by its key. */
export class ArrangedAccess implements JoinAccess {
  readonly isAhead = false;
  readonly key: SideKey;
  readonly source: ArrangedSource;
  readonly input: KeyedInput;

  constructor(node: CircuitNode, key: SideKey, environment: ExecutionEnvironment) {
    this.key = key;
    this.input = new KeyedInput(node.columns, key.scalars, environment, key.nullIsKey);
    this.source = new ArrangedSource(() => this.input.arrangement);
  }

  get stateBytes(): number {
    return this.input.stateBytes;
  }

  get weights(): Int32Array {
    return this.input.arrangement.weights;
  }

  get rowCount(): number {
    return this.input.arrangement.rowCount;
  }

  find(keys: readonly Vector[], size: number, pairs: RowPairs): number {
    this.input.arrangement.findMany(keys, size, pairs);
    return pairs.count;
  }

  keysOf(delta: Pick<Delta, "columns" | "size">): readonly Vector[] {
    return this.input.keysOf(delta);
  }

  apply(delta: Delta): void {
    this.input.apply(delta);
  }
}

/** Rows of a table as an input gives them. */
export interface StoredRows {
  readonly table: string;
  /** Where the columns of the input stand in the table. */
  readonly ordinals: readonly number[];
  readonly filters: readonly FilterNode[];
}

/** The table that a node passes on, filtered at most; undefined for other nodes. */
export function storedRows(node: CircuitNode): StoredRows | undefined {
  if (node instanceof TableNode) return { table: node.table, ordinals: node.ordinals, filters: [] };
  if (!(node instanceof FilterNode)) return undefined;
  const rows = storedRows(node.inputs[0]!);
  return rows === undefined ? undefined : { ...rows, filters: [...rows.filters, node] };
}

/** A table by its index. */
export class StoredAccess implements JoinAccess {
  readonly isAhead = true;
  readonly stateBytes = 0;
  readonly weights = null;
  readonly key: SideKey;
  readonly source: StoredSource;
  readonly #rows: StoredRows;
  readonly #keyOrdinals: readonly number[];
  readonly #keys: ProjectionEvaluator;
  readonly #tables: TableLookup;
  readonly #probe = new ProbeKeys();
  readonly #changed = new DeltaKeys();
  #loaded = false;

  /** `key`: plain columns, each once. */
  constructor(node: CircuitNode, rows: StoredRows, key: SideKey, environment: Required<JoinEnvironment>) {
    const { execution, tables } = environment;
    this.key = key;
    this.#rows = rows;
    this.#tables = tables;
    this.#keyOrdinals = key.scalars.map((scalar) => ordinalOf(node, rows, scalar));
    this.#keys = compileScalars(key.scalars, node.columns, execution);
    this.source = new StoredSource(tables, rows.table, rows.ordinals);
    if (this.#keyOrdinals.length > 0) tables.ensureIndex(rows.table, this.#keyOrdinals);
  }

  get rowCount(): number {
    return this.#tables.rowCount(this.#rows.table);
  }

  /** To be called when an epoch begins and ends: the table may have changed, and nothing of it is held. */
  refresh(): void {
    this.#loaded = false;
    this.#changed.clear();
    this.#probe.clear();
    this.source.refresh();
  }

  find(keys: readonly Vector[], size: number, pairs: RowPairs): number {
    this.#probe.load(keys, size);
    if (this.#keyOrdinals.length === 0) this.#addAll(size, pairs);
    else this.#tables.findMany(this.#rows.table, this.#keyOrdinals, this.#probe, pairs);
    const found = pairs.count;
    for (const filter of this.#rows.filters) {
      if (pairs.count > 0) keepFiltered(filter, this.source, pairs);
    }
    return found;
  }

  /** Writes the number of rows with each key to `counts`, counting no further than `limits`. For unfiltered tables. */
  count(keys: readonly Vector[], size: number, limits: Int32Array, counts: Int32Array): void {
    this.#probe.load(keys, size);
    this.#tables.countMany(this.#rows.table, this.#keyOrdinals, this.#probe, limits, counts);
  }

  /** All rows. */
  all(): Delta {
    const pairs = new RowPairs();
    this.find([], 1, pairs);
    const rows = pairs.rows.slice(0, pairs.count);
    const columns = this.#rows.ordinals.map((_, j) => this.source.column(j, rows, rows.length));
    return uniformDelta(columns, rows.length, 1);
  }

  /** Without a key every row is met. */
  #addAll(size: number, pairs: RowPairs): void {
    for (const rows of this.#tables.rows(this.#rows.table)) {
      for (let i = 0; i < size; i++) for (let j = 0; j < rows.length; j++) pairs.add(i, rows[j]!);
    }
  }

  /** Adds a pair for each key of the last `find` and each row of the change of this input with that key. */
  findChanged(delta: Delta, pairs: RowPairs): void {
    if (!this.#loaded) this.#changed.load(this.keysOf(delta), delta.size, false);
    this.#loaded = true;
    this.#changed.findMany(this.#probe, false, pairs);
  }

  keysOf(delta: Pick<Delta, "columns" | "size">): readonly Vector[] {
    return this.#keys.evaluate(delta);
  }
}

function keepFiltered(filter: FilterNode, source: StoredSource, pairs: RowPairs): void {
  const { count } = pairs;
  const rows = pairs.rows.subarray(0, count);
  const columns = filter.columns.map((_, position): Vector => ({
    kind: "lazy",
    rows,
    source: source.stored(position),
  }));
  const selection = new Int32Array(count);
  const kept = filter.select({ size: count, columns, weights: selection }, selection);
  if (kept < count) pairs.keep(selection, kept);
}

function ordinalOf(node: CircuitNode, rows: StoredRows, scalar: Scalar): number {
  if (scalar.kind !== "column") return -1;
  const position = node.columns.findIndex((column) => column.id === scalar.id);
  return position < 0 ? -1 : rows.ordinals[position]!;
}

/** An input of a join with the ways in which it is looked up. */
export class JoinInput {
  readonly node: CircuitNode;
  readonly stored: StoredRows | undefined;
  readonly #environment: JoinEnvironment;
  readonly #stored: StoredAccess[] = [];
  readonly #arranged: ArrangedAccess[] = [];

  constructor(node: CircuitNode, environment: JoinEnvironment) {
    this.node = node;
    this.#environment = environment;
    this.stored = environment.tables === undefined ? undefined : storedRows(node);
  }

  get stateBytes(): number {
    return this.#arranged.reduce((bytes, access) => bytes + access.stateBytes, 0);
  }

  /** The table, when a row can be found in it by the value of `scalar`. */
  ordinalOf(scalar: Scalar): number {
    // Indexes compare JSON as text.
    if (this.stored === undefined || holdsJson(scalar.type)) return -1;
    return ordinalOf(this.node, this.stored, scalar);
  }

  /** Whether rows are found by the table's own index, or the table is read whole. */
  canUseIndex({ scalars, nullIsKey }: SideKey): boolean {
    const ordinals = scalars.map((scalar) => this.ordinalOf(scalar));
    return this.stored !== undefined && !nullIsKey && !ordinals.includes(-1) &&
      new Set(ordinals).size === ordinals.length;
  }

  /** A way to look rows up by `key`, shared by all who ask for the same. */
  access(key: SideKey): JoinAccess {
    const known = [...this.#stored, ...this.#arranged].find((access) => isSameKey(access.key, key));
    if (known !== undefined) return known;
    const { execution, tables } = this.#environment;
    if (tables !== undefined && this.canUseIndex(key)) {
      const access = new StoredAccess(this.node, this.stored!, key, { execution, tables });
      this.#stored.push(access);
      return access;
    }
    const access = new ArrangedAccess(this.node, key, execution);
    const [other] = this.#arranged;
    if (other !== undefined) access.apply(other.input.arrangement.all());
    this.#arranged.push(access);
    return access;
  }

  /** All rows, as `access` sees them. */
  all(access: JoinAccess): Delta {
    if (access instanceof ArrangedAccess) return access.input.arrangement.all();
    return this.#whole().all();
  }

  #whole(): StoredAccess {
    // Only a stored access is not arranged, and a table is found whole without a key.
    return this.access({ scalars: [], nullIsKey: false }) as StoredAccess;
  }

  /** To be called when an epoch begins and ends. */
  refresh(): void {
    for (const access of this.#stored) access.refresh();
  }

  apply(delta: Delta): void {
    if (delta.size > 0) { for (const access of this.#arranged) access.apply(delta); }
  }
}

function isSameKey(a: SideKey, b: SideKey): boolean {
  return a.nullIsKey === b.nullIsKey && a.scalars.length === b.scalars.length &&
    a.scalars.every((scalar, i) => scalarKey(scalar) === scalarKey(b.scalars[i]!));
}

/** Pairs that a join without a key makes at a time, about. */
const PAIRS_AT_A_TIME = 2 ** 20;

/** A change in pieces so small that its rows with all rows of `access` are not too many pairs at a time. */
export function slicesFor(delta: Delta, access: JoinAccess | undefined): readonly Delta[] {
  if (access === undefined || access.key.scalars.length > 0) return [delta];
  const length = Math.max(1, Math.floor(PAIRS_AT_A_TIME / Math.max(1, access.rowCount)));
  if (delta.size <= length) return [delta];
  return Array.from({ length: Math.ceil(delta.size / length) }, (_, i) => {
    const from = i * length;
    const size = Math.min(length, delta.size - from);
    return selectDelta(delta, Int32Array.from({ length: size }, (_, j) => from + j), size);
  });
}

/** Whether values of a type hold JSON, whose equality is not that of its text. */
export function holdsJson(type: SqlType): boolean {
  return type.kind === "array" ? holdsJson(type.element) : type.kind === "json";
}
