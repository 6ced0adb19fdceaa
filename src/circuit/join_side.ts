/**
 * The two ways in which a join finds the rows of one of its inputs.
 *
 * | side | for | state | sees the change of an epoch |
 * |---|---|---|---|
 * | arranged | any input | all its rows | once it is applied |
 * | stored | a table, maybe filtered, by plain columns | none: the table's own index | from the start |
 *
 * @module
 */
import type { ExecutionEnvironment } from "../exec/execution.ts";
import { compileScalars, type ProjectionEvaluator } from "../exec/expression/compile.ts";
import { gatherVector } from "../exec/gather_vector.ts";
import { materialize } from "../exec/materialize.ts";
import { readDatums } from "../exec/vector_read.ts";
import type { Scalar } from "../query/plan.ts";
import type { Datum, SqlType } from "../storage/sql_type.ts";
import type { Vector } from "../storage/vector.ts";
import type { CircuitNode } from "./circuit_node.ts";
import type { Delta } from "./delta.ts";
import { selectDelta } from "./delta.ts";
import { KeyedInput } from "./keyed_input.ts";
import type { TableLookup } from "./live_tables.ts";
import { FilterNode } from "./nodes/linear.ts";
import { TableNode } from "./nodes/source.ts";

/** Rows that were found, each with the number of the key that found it. */
export interface FoundRows {
  readonly probes: Int32Array;
  readonly rows: Delta;
}

/** See the module header. */
export interface JoinSide {
  readonly stateBytes: number;
  /** Whether `find` sees the change of the epoch before `apply`. */
  readonly isAhead: boolean;
  /** The keys of rows of the input; they hold until the next call. */
  keysOf(delta: Delta): readonly Vector[];
  /** The rows with each of `size` keys; NULL finds nothing. */
  find(keys: readonly Vector[], size: number): FoundRows;
  apply(delta: Delta): void;
}

/** Any input, arranged by its key. */
export class ArrangedSide implements JoinSide {
  readonly isAhead = false;
  readonly #input: KeyedInput;

  constructor(input: CircuitNode, keys: readonly Scalar[], environment: ExecutionEnvironment) {
    this.#input = new KeyedInput(input.columns, keys, environment, false);
  }

  get stateBytes(): number {
    return this.#input.stateBytes;
  }

  keysOf(delta: Delta): readonly Vector[] {
    return this.#input.keysOf(delta);
  }

  find(keys: readonly Vector[], size: number): FoundRows {
    const { arrangement } = this.#input;
    const { count, probes, rows } = arrangement.find(keys, size);
    return { probes, rows: arrangement.rowsAt(rows, count) };
  }

  apply(delta: Delta): void {
    this.#input.apply(delta);
  }
}

/** A table by its index. */
export class StoredSide implements JoinSide {
  readonly stateBytes = 0;
  readonly isAhead = true;
  readonly #table: TableNode;
  readonly #filter: FilterNode | null;
  readonly #keys: ProjectionEvaluator;
  readonly #keyOrdinals: readonly number[];
  readonly #tables: TableLookup;

  private constructor(
    table: TableNode,
    filter: FilterNode | null,
    keys: { readonly scalars: readonly Scalar[]; readonly ordinals: readonly number[] },
    environment: { readonly execution: ExecutionEnvironment; readonly tables: TableLookup },
  ) {
    this.#table = table;
    this.#filter = filter;
    this.#keys = compileScalars(keys.scalars, table.columns, environment.execution);
    this.#keyOrdinals = keys.ordinals;
    this.#tables = environment.tables;
    this.#tables.ensureIndex(table.table, keys.ordinals);
  }

  /** The side for `input`, when it is a table that has the keys as columns. */
  static for(
    input: CircuitNode,
    keys: readonly Scalar[],
    environment: { readonly execution: ExecutionEnvironment; readonly tables?: TableLookup },
  ): StoredSide | undefined {
    const { execution, tables } = environment;
    if (tables === undefined) return undefined;
    const filter = input instanceof FilterNode ? input : null;
    const table = filter === null ? input : filter.inputs[0]!;
    if (!(table instanceof TableNode) || keys.length === 0) return undefined;
    const ordinals = keys.map((key) => key.kind === "column" ? table.ordinalOf(key.id) : -1);
    if (ordinals.includes(-1) || new Set(ordinals).size < ordinals.length) return undefined;
    // Indexes compare JSON as text.
    if (keys.some((key) => holdsJson(key.type))) return undefined;
    return new StoredSide(table, filter, { scalars: keys, ordinals }, { execution, tables });
  }

  keysOf(delta: Delta): readonly Vector[] {
    return this.#keys.evaluate(delta);
  }

  find(keys: readonly Vector[], size: number): FoundRows {
    const { table, ordinals } = this.#table;
    const values = keys.map((key) => readDatums(materialize(key, size), size));
    const found: number[] = [];
    const probes: number[] = [];
    const key = new Array<Datum>(values.length);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < values.length; j++) key[j] = values[j]![i]!;
      this.#tables.find(table, this.#keyOrdinals, key, found);
      while (probes.length < found.length) probes.push(i);
    }
    const rows = Int32Array.from(found);
    const columns = ordinals.map((ordinal) =>
      // Values, not row ids: the rows may change before the change of the view is read.
      materialize({ kind: "lazy", rows, source: this.#tables.column(table, ordinal) }, rows.length)
    );
    return this.#filtered({
      probes: Int32Array.from(probes),
      rows: { size: rows.length, columns, weights: new Int32Array(rows.length).fill(1) },
    });
  }

  apply(): void {}

  #filtered({ probes, rows }: FoundRows): FoundRows {
    if (this.#filter === null || rows.size === 0) return { probes, rows };
    const selection = new Int32Array(rows.size);
    const count = this.#filter.select(rows, selection);
    if (count === rows.size) return { probes, rows };
    const picked = new Int32Array(count);
    for (let i = 0; i < count; i++) picked[i] = probes[selection[i]!]!;
    return { probes: picked, rows: selectDelta(rows, selection, count) };
  }
}

function holdsJson(type: SqlType): boolean {
  return type.kind === "array" ? holdsJson(type.element) : type.kind === "json";
}

/** Rows `rows[0 .. count]` of each column. */
export function gatherColumns(columns: readonly Vector[], rows: Int32Array, count: number): Vector[] {
  return columns.map((column) => gatherVector(column, rows, count));
}
